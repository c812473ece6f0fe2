public import CairnBase

/// The domain tags of the ledger.
@usableFromInline
enum Tags {
    static let transaction = DomainTag("cn/tx")
    static let transactionID = DomainTag("cn/txid")
    static let order = DomainTag("cn/order")
    @usableFromInline static let stateKey = DomainTag("cn/state.key")
    @usableFromInline static let stateValue = DomainTag("cn/state.value")
    @usableFromInline static let stateLeaf = DomainTag("cn/state.leaf")
    @usableFromInline static let stateNode = DomainTag("cn/state.node")
    static let chain = DomainTag("cn/chain")
    static let vote = DomainTag("cn/vote")
    static let resource = DomainTag("cn/res")
    static let device = DomainTag("cn/device")
    static let object = DomainTag("cn/object")
    static let placement = DomainTag("cn/place")
    static let candidate = DomainTag("cn/candidate")
}
