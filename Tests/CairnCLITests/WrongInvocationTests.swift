import CairnWire
import Testing

@testable import CairnCLI

/// Command lines that are wrong, in an empty place: each ends with its own code, says what to do, and prints no result.
@Suite struct WrongInvocationTests {
    @Test(arguments: [false, true])
    func eachHasItsCodeAndAHint(asJSON: Bool) throws {
        let lines = Self.table.split(separator: "\n")
        #expect(lines.count >= 200)
        try withTemporaryDirectory { directory in
            // A home with keys and a file, for what would be written over.
            #expect(TestRun("init --home taken --dev", directory: directory).exit == .ok)
            for line in lines where !(asJSON && line.contains("--json")) {
                let code = String(line.prefix { $0 != " " })
                let words = line.dropFirst(code.count + 1).split(separator: " ").map { $0 == "''" ? "" : String($0) }
                let run = TestRun((asJSON ? ["--json"] : []) + words, directory: directory)
                let page = try #require(ErrorCode(rawValue: code)).page
                #expect(run.exit == page.exit, "\(line): \(run.notes)")
                #expect(run.out.isEmpty || run.out.hasPrefix("RESULT failed"), "\(line)")
                if asJSON {
                    let document = try JSONReader.read(Array(run.notes.utf8.dropLast()))
                    #expect(document["schema"]?.string == "cairn.error/1")
                    #expect(document["error"]?["id"]?.string == code, "\(line)")
                    #expect(document["error"]?["hint"]?.array?.isEmpty == false, "\(line)")
                    #expect(document["exit"]?.integer(Int32.self) == page.exit.rawValue)
                } else {
                    #expect(run.error == code, "\(line): \(run.notes)")
                    #expect(run.notes.contains("\n  do     "), "\(line)")
                    #expect(run.notes.hasPrefix("error: "), "\(line)")
                }
            }
            // Nobody has made anything but the places where testnets were looked for.
            #expect(Directory.names(directory).allSatisfy { ["net", "taken"].contains($0) })
        }
    }
}

extension WrongInvocationTests {
    /// The code that is wanted, then the words; `''` is an empty word.
    private static let table = """
        E604 net genesis new taken/config.toml
        E604 net genesis new taken/node.key --network mine
        E301 keys new node --dev --home taken
        E301 keys new account --dev --home taken
        E301 keys new validator --dev --name node --home taken
        E702 bundle taken/config.toml --home taken
        E702 bundle taken --home taken
        E205 init --home taken --dev
        E205 dev --home taken --seed 7
        E001 confg
        E001 config set
        E001 doktor
        E002 doctor --fix
        E002 top --onec
        E002 logs --all
        E002 bundle x --with-keys
        E003 top --interval
        E004 top --interval fast
        E004 logs --lines 2001
        E006 doctor n1
        E006 config show api.listen
        E006 bundle a b
        E007 bundle
        E101 top --once
        E101 logs
        E206 config show --home nowhere
        E206 config check --home nowhere
        E206 bundle x --home nowhere
        E002 chain audit --repaly
        E004 chain supply --at yesterday
        E004 rewards list --epoch x
        E007 rewards explain
        E001 gov vot 0 yes
        E007 gov vote 0
        E004 gov vote 0 maybe
        E204 chain
        E204 params
        E204 gov
        E004 why notAReason
        E007 why
        E004 net genesis make
        E007 net genesis place
        E201 net genesis place nowhere.json
        E001 kesy
        E001 key
        E001 Keys
        E001 KEYS
        E001 k
        E001 ''
        E001 -
        E001 statsu
        E001 satus
        E001 start
        E001 daemon
        E001 strat
        E001 testnte
        E001 tesnet
        E001 node
        E001 inti
        E001 initialise
        E001 restart
        E001 versoin
        E001 v
        E001 mna
        E001 completions
        E001 halp
        E001 cairn
        E001 cairn status
        E001 1
        E001 -v kesy
        E001 --home x kesy
        E001 -- kesy
        E001 -- --help
        E001 .
        E001 /bin/sh
        E001 keys newt
        E001 keys ''
        E001 keys create
        E001 keys delete node
        E001 keys ls
        E001 keys lsit
        E001 keys shwo
        E001 keys improt file
        E001 keys -- new2
        E001 testnet dwon
        E001 testnet start
        E001 testnet upp
        E004 dev --seed x
        E006 dev now
        E204 coverage map
        E001 coverage mpa
        E002 coverage map --svg x
        E007 join
        E201 join nowhere.json
        E201 join nowhere.json --peer 127.0.0.1:1
        E1101 join cairn1
        E1101 join cairn1abc
        E004 join cairn1abc --peer nowhere
        E101 net invite
        E004 net invite --expires soon
        E006 net invite now
        E007 testnet scenario
        E201 testnet scenario nowhere.toml
        E002 testnet scenario x.toml --nodes 4
        E007 testnet fault
        E007 testnet fault kill
        E004 testnet fault killl n1
        E004 testnet fault drop n1
        E401 testnet fault kill n1 --dir net
        E401 testnet heal --dir net
        E006 testnet heal n1
        E002 testnet fault kill n1 --force
        E001 testnet 4
        E001 --quiet testnet stats
        E002 --frobnicate
        E002 --jsno status
        E002 --colour never version
        E002 --Home x status
        E002 --home-dir x
        E002 --nodes 4 testnet up
        E002 --dev init
        E002 -x
        E002 -qv
        E002 -vv version
        E002 -home x status
        E002 -n 4
        E002 --- version
        E002 --=x version
        E002 --no-json version
        E002 version --seed 1
        E002 version -w
        E002 man --markdown
        E002 man --fromat roff
        E002 completion --shell bash
        E002 help --topic x
        E002 init --force
        E002 init --overwrite
        E002 init --passphrase secret
        E002 init --peers 127.0.0.1:1
        E002 run --daemon
        E002 run -d
        E002 run --port 7470
        E002 status --follow
        E002 stop --force
        E002 stop --all
        E002 nodes --watch
        E002 keys --dev
        E002 keys --name x list
        E002 keys new --passphrase hunter2
        E002 keys new --kind node
        E002 keys show --secret
        E002 keys list -l
        E002 keys export node --out x
        E002 keys passwd node --new secret
        E002 testnet --nodes 4
        E002 testnet up --node-count 4
        E002 testnet up -n 4
        E002 testnet status --nodes 4
        E002 testnet --follow up
        E002 testnet down --force
        E003 --home
        E003 version --home
        E003 --node
        E003 --network
        E003 --color
        E003 --timeout
        E003 --home --quiet status
        E003 status --home -q
        E003 --color -v version
        E003 man --format
        E003 man --format --quiet
        E003 init --name
        E003 init --listen --dev
        E003 init --peer
        E003 keys new --name
        E003 keys new --passphrase-file
        E003 keys import f --name
        E003 keys export a --to
        E003 keys recover node --phrase-file
        E003 testnet up --nodes
        E003 testnet up --seed
        E003 testnet up --dir
        E003 testnet up --seed --nodes 4
        E004 --color sometimes version
        E004 --color=yes version
        E004 --color= version
        E004 --home= status
        E004 --node= status
        E004 --json=true version
        E004 --quiet=1 version
        E004 --timeout 10 status
        E004 --timeout 10sec status
        E004 --timeout s status
        E004 --timeout -1s status
        E004 --timeout 1.5s status
        E004 --timeout 99999999999999999999h status
        E004 --timeout= status
        E004 status --watch=fast
        E004 status --watch=
        E004 status --watch=2
        E004 man --format html
        E004 man --format=markdwon
        E004 completion bahs
        E004 completion powershell
        E004 completion ''
        E004 keys new nodes
        E004 keys new Node
        E004 keys new witness
        E004 keys new node --name a/b
        E004 keys new node --name .. --dev
        E004 keys new --name '' --dev
        E004 keys new --name=x.y --dev
        E004 keys new --name abcdefghijklmnopqrstuvwxyz0123456789 --dev
        E004 keys show ../node
        E004 keys show a.b
        E004 keys recover wallet
        E004 keys export ../../etc/passwd --phrase
        E004 testnet up --nodes 0
        E004 testnet up --nodes -1
        E004 testnet up --nodes 101
        E004 testnet up --nodes 4.0
        E004 testnet up --nodes four
        E004 testnet up --nodes 0x4
        E004 testnet up --nodes 99999999999999999999
        E004 testnet up --nodes=
        E004 testnet up --seed abc
        E004 testnet up --seed -7
        E004 testnet up --seed 9223372036854775808
        E004 testnet up --name a/b
        E004 testnet up --name ..
        E004 testnet status --name x.y
        E004 testnet logs --lines all
        E004 testnet logs --lines 100001
        E005 --home a --home b status
        E005 status --home a --home a
        E005 -q --quiet version
        E005 -q -q version
        E005 --color auto version --color=never
        E005 man --format roff --format roff
        E005 init --name a --name b
        E005 keys new --dev --dev
        E005 testnet up --nodes 4 --nodes 4
        E005 testnet up --seed=1 --seed=2
        E005 status -w --watch
        E006 version now
        E006 man keys
        E006 completion bash zsh
        E006 init here
        E006 run node
        E006 status n1
        E006 stop n1
        E006 nodes all
        E006 keys list all
        E006 keys show a b
        E006 keys new node two
        E006 keys import a b
        E006 keys export a b
        E006 keys passwd a b
        E006 testnet up 4
        E006 testnet status n1
        E006 testnet down n1
        E006 testnet logs n1 n2
        E006 testnet exec n1 n2 -- status
        E006 testnet exec n1 status
        E006 version -- --json
        E007 completion
        E007 keys import
        E007 keys export
        E007 keys export --phrase
        E007 keys passwd
        E007 keys recover
        E007 testnet exec
        E007 testnet exec n1
        E007 testnet exec n1 --
        E007 testnet exec -- status
        E008 keys export node --home x
        E008 keys export node --phrase --to y --home x
        E009 help kesy
        E009 help E999
        E009 help E
        E009 help exit-code
        E009 help keys newt
        E009 help version now
        E004 help ''
        E101 status
        E101 stop
        E101 status --home nowhere
        E101 status --node n7
        E101 status --node ./nothing.sock
        E101 stop --node 12D3KooWx
        E302 keys import nothing.key --home x
        E204 run
        E204 keys
        E206 run --home nowhere
        E213 init --home x --dev --listen 7470
        E213 init --home x --dev --listen localhost:7470
        E213 init --home x --dev --listen 127.0.0.1:70000
        E213 init --home x --dev --listen 127.0.0.1:-1
        E213 init --home x --dev --api 0.0.0.0:7471
        E213 init --home x --dev --peer 127.0.0.1
        E213 init --home x --dev --peer 127.0.0.1:0
        E213 init --home x --dev --network two.words
        E302 keys show --home x
        E302 keys export node --phrase --home x
        E302 keys passwd node --home x
        E303 init --home x --no-input
        E303 keys new --home x
        E303 keys recover node --home x
        E401 testnet status --dir net
        E401 testnet down --dir net
        E401 testnet logs --dir net
        E401 testnet purge --dir net
        E401 testnet exec n0 --dir net -- status
        """
}
