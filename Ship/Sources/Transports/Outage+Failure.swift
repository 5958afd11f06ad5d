internal import Delivery

extension Outage {
    /// An outage that is thrown.
    struct Failure: Error { let outage: Outage }
}
