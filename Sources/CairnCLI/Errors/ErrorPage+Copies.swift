extension ErrorPage {
    static let copyRefused = ErrorPage(
        "copy-refused", .refused,
        "A snapshot or a backup is not what it should be: of another chain, of another state than was asked for, cut short or "
            + "altered. Nothing of it was kept.",
        do: "Fetch it again, or from somebody else.")
    static let copyExists = ErrorPage(
        "copy-exists", .conflict, "There is a file in this place already, and nothing is ever overwritten.",
        do: "Name another place, or move away what is there.")
}
