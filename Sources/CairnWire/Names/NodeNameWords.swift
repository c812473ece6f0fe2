import CairnBase

/// The words of node names, made for this network: three lists of 256, so that one byte picks one word. No word is in
/// two lists, and none is longer than ten letters.
enum NodeNameWords {
    static let adjectives = words(
        """
        able agile airy alert alive ample apt ardent artful astute avid awake balmy basic benign big blithe
        bold bonny brave breezy brief bright brisk broad busy calm candid canny careful casual cheery chief
        chilly choice civil classic clean clear clever cloudy cogent comic cool cordial cosmic cosy crafty
        crisp curious curly daily dainty dapper daring dashing decent deep deft dewy distant dreamy driven
        droll eager early earnest easy elegant elfin eternal even exact expert fabled fair famous fancy fast
        fearless festive fine firm fleet floral fluent flying fond formal frank free fresh frosty frugal
        full funny gallant gentle genuine giddy gifted glad gleaming global glossy good grand grateful great
        handy happy hardy hasty hearty helpful hidden high honest hopeful humble humming ideal idle immense
        innate jaunty jolly jovial joyful keen kind kindly large lasting lavish lawful leafy level light
        likable linear lithe lively local lofty logical long loud lovely loyal lucid lucky lunar magic main
        mellow merry mighty mild mindful minty misty mobile modern modest moonlit musical mystic native
        natural neat new nimble noble northern novel oaken open orderly patient peaceful perky placid plain
        playful plucky poetic polar polite prime proud prudent pure quaint quick quiet radiant rapid rare
        ready regal restful rich robust rosy rustic sage sandy secure serene sharp shiny silent simple
        sincere skilled sleek smart smooth snowy snug social soft solar solid sound spry stable steady
        stellar still stoic stout strong sturdy subtle sunny sure swift tender thrifty tidy timely tranquil
        true trusty upbeat urban valiant vast vivid warm wise witty young zealous
        """)

    static let materials = words(
        """
        agate alabaster almond alpine amber amethyst apple apricot aqua argent ash aspen auburn autumn azure
        bamboo basalt beech beige berry beryl birch biscuit bismuth blue blush boron brass brick bronze
        brown burlap butter cactus camel canary candle caramel carbon carmine cashew cedar celadon cement
        ceramic chalk charcoal cherry chestnut chrome cider cinder cinnamon citrine citrus clay clover coal
        cobalt cocoa coffee copper coral cork corn cotton cream crimson crystal cyan cypress dahlia denim
        desert diamond dune dusk earth ebony ecru elm ember emerald enamel fawn fern fir flame flax flint
        forest frost fuchsia garnet ginger glacier glass gold granite grape graphite grass gravel green grey
        hazel heather helium hemlock hemp henna honey ice indigo ink iris iron ivory ivy jade jasmine jasper
        jet jute khaki lacquer lapis larch lava lavender lead leather lemon lichen lilac lime linen lithium
        lotus madder magenta magma magnolia mahogany maize malachite mango maple marble maroon mauve meadow
        mercury mica midnight milk mint mocha moss mustard navy neon nickel nutmeg oak oat obsidian ocean
        ochre olive onyx opal orange orchid osmium oxide palm papaya paper peach pearl pebble peony pepper
        pewter pine pink pistachio platinum plum pollen poplar poppy porcelain prairie prune pumice pumpkin
        purple quartz quince raspberry red reed resin rose rosewood rowan ruby russet rust rye saffron sand
        sapphire scarlet sepia sesame shale sienna silicon silk silver slate smoke snow spruce steel stone
        straw sugar sulphur tan tangerine tawny teak teal thistle thyme timber tin titanium topaz tulip
        tundra turquoise umber velvet violet walnut wheat white willow wine wool zinc
        """)

    static let animals = words(
        """
        addax adder albatross alpaca anole ant anteater antelope auk avocet badger barnacle bass bat bear
        beaver bee beetle bison bittern boar bobcat buffalo bulbul bunting bustard buzzard caiman caracal
        caribou cat catfish chamois cheetah chinchilla chipmunk chough cicada civet clam cobra cockatoo
        condor coot cormorant cow coyote crab crake crane cricket crow cuckoo curlew darter deer dingo
        dipper dolphin donkey dormouse dove dragonfly duck dugong dunlin eagle echidna eel egret eider eland
        elephant elk emu ermine falcon ferret finch firefly flamingo flounder fox frog fulmar gannet gaur
        gazelle gecko genet gerbil gibbon giraffe gnu goat godwit goldfish goose gopher goshawk grebe
        grouper grouse guanaco gull hamster hare harrier hawk hedgehog heron hippo hoopoe hornbill hornet
        horse hoverfly ibex ibis iguana impala jacana jackal jackdaw jaguar jay jerboa kakapo kangaroo
        kestrel kingbird kite kiwi koala kookaburra kudu lapwing lark lemming lemur leopard linnet lion
        lizard llama lobster loon loris lynx macaw magpie mallard mamba manatee mantis marlin marmot marten
        martin meerkat merlin minnow mole mongoose moose moth mouse mule muskox mussel myna narwhal newt
        numbat nuthatch ocelot octopus okapi opossum oriole oryx osprey ostrich otter owl oyster panda
        pangolin panther parrot partridge peacock pelican penguin petrel pheasant pigeon pika pike platypus
        plover polecat pony porpoise possum prawn puffin puma python quail quokka quoll rabbit raccoon ram
        raven ray redshank reindeer rhino robin rook sable salmon seal serval shark sheep shrew shrimp skua
        sloth snail snipe sparrow spider squid stoat stork swallow swan tapir tern tiger toad toucan trout
        turtle vole walrus whale wolf wombat wren yak zebra
        """)

    private static func words(_ list: String) -> [String] {
        let words = list.split { $0 == " " || $0 == "\n" }.map(String.init)
        invariant(words.count == 256, "a word list has one word for every byte")
        return words
    }
}
