extension ErrorPage {
    static let objectNotFound = ErrorPage(
        "object-not-found", .notFound,
        "This home has put no object of that name or id with holders, or more than one.",
        do: "cairn storage ls lists those that it has")
    static let objectDamaged = ErrorPage(
        "object-damaged", .damaged, "The file that says what an object is made of cannot be read.",
        do: "Bring objects/ of the home back from a copy; the pieces are still with their holders.")
    static let holdersMissing = ErrorPage(
        "holders-missing", .unreachable,
        "There are fewer holders than the object has shards, or one of them did not take its piece and there was no other. "
            + "No object was made, and what had been put was taken back where its holder could be reached.",
        do: "--shards K/N takes fewer holders; --holder ADDRESS names more of them")
    static let objectUnreadable = ErrorPage(
        "object-unreadable", .failed,
        "Fewer pieces of a segment than are needed could be fetched, or what they gave is not what was put. No file was "
            + "made.",
        do: "cairn storage status OBJECT says who has what; try again when more of them are there.")
}
