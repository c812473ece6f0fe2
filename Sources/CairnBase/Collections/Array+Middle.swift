extension Array where Element: Comparable {
    /// The middle one in order, the upper of two; nil where there is none.
    public var middle: Element? { isEmpty ? nil : sorted()[count / 2] }
}
