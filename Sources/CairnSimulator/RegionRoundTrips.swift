/// Median round-trip times between ten public cloud regions, in tenths of a millisecond.
///
/// Source: cloudping.co, medians over one year (2025) between AWS regions, rounded to 0.1 ms. Row is the origin, column
/// the destination, in the order of `names`; the two directions of a pair were measured separately and differ a little.
enum RegionRoundTrips {
    static let names = [
        "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-2", "eu-central-1",
        "eu-north-1", "eu-west-1", "sa-east-1", "us-east-1", "us-west-1",
    ]

    static let tenthsOfMilliseconds: [[UInt64]] = [
        [28, 363, 1343, 1069, 2276, 2472, 2025, 2583, 1495, 1087],
        [364, 40, 1352, 1452, 2316, 2504, 2332, 2894, 1795, 1339],
        [1333, 1345, 32, 1547, 1290, 1484, 1254, 3010, 1897, 2316],
        [1058, 1461, 1549, 41, 2516, 2716, 2556, 3121, 1997, 1392],
        [2270, 2308, 1293, 2513, 40, 229, 270, 2040, 926, 1530],
        [2467, 2501, 1489, 2712, 230, 33, 397, 2230, 1122, 1725],
        [2023, 2326, 1259, 2557, 275, 409, 32, 1782, 697, 1301],
        [2589, 2897, 3018, 3124, 2050, 2233, 1786, 33, 1154, 1753],
        [1497, 1798, 1925, 1998, 932, 1128, 696, 1153, 55, 642],
        [1083, 1335, 2320, 1391, 1533, 1729, 1299, 1748, 639, 28],
    ]
}
