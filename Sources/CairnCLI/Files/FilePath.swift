/// Joins path components; an absolute or empty second part stands alone or adds nothing.
func joinPath(_ base: String, _ component: String) -> String {
    if component.hasPrefix("./") { return joinPath(base, String(component.dropFirst(2))) }
    if component.hasPrefix("/") || base.isEmpty { return component }
    if component.isEmpty { return base }
    return base.hasSuffix("/") ? base + component : base + "/" + component
}

/// The directory a path stands in.
func parent(of path: String) -> String {
    let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
}
