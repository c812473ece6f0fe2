import CairnWire
import Testing

@testable import CairnCLI
@testable import CairnGossip

@Suite struct PortMappingReportTests {
    private func sentence(_ text: String) throws -> String? {
        PortMappingReport(try JSONReader.read(Array(text.utf8)))?.sentence
    }

    @Test func `what the router gave is told with its time, and what came in the way of a renewal`() throws {
        let grant = #""gateway": "192.168.1.1", "address": "203.0.113.7:7470", "left_ms": 3480000"#
        #expect(
            try sentence(#"{"state": "mapped", "way": "nat-pmp", "why": null, \#(grant)}"#)
                == "203.0.113.7:7470 at 192.168.1.1 by NAT-PMP, for 58m 0s more")
        #expect(
            try sentence(#"{"state": "mapped", "way": "upnp", "why": "silent", \#(grant)}"#)
                == "203.0.113.7:7470 at 192.168.1.1 by UPnP, for 58m 0s more; not renewed: no answer")
    }

    @Test func `where there is none, both ways say why`() throws {
        #expect(
            try sentence(#"{"state": "silent", "why": "silent", "upnp": "no-library", "gateway": "10.0.0.1"}"#)
                == "none at 10.0.0.1: no answer; UPnP: libminiupnpc is not installed")
        #expect(
            try sentence(#"{"state": "off", "why": "loopback"}"#) == "no router is asked: the node listens on loopback")
        #expect(try sentence("{}") == nil)
    }

    @Test func `every trouble has words of its own`() {
        let known = PortMappingTrouble.allCases.filter { $0 != .unknownRefusal }
        let words = known.map { PortMappingReport.meaning(of: $0.rawValue) }
        #expect(Set(words).count == known.count && !words.contains("it refuses"))
    }
}
