public import CairnBase

extension Ledger {
    /// What a block at this height would answer to what a holder says; applied for what no holder says.
    public func answer(
        toHolder transaction: Transaction, at height: Height, in state: some StateReader
    ) throws(StateError) -> Outcome {
        let parameters = try required(.parameters, in: state)
        let context = BlockContext(
            height: height, epoch: parameters.epoch(of: height), proposer: transaction.sender, time: 0, parent: .zero)
        var run = BlockRun(ledger: self, context: context, parameters: parameters, state: Workspace(over: state))
        return try run.admitHolder(transaction)
    }
}
