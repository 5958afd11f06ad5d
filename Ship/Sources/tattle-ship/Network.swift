internal import ArgumentParser
internal import Delivery
internal import ServiceLifecycle
internal import ShipSettings
internal import Shipping
#if NETWORK
    internal import Transports
#endif

/// What speaks to a destination with a network.
func makeNetworkReceiver(_ destination: DestinationSettings) throws(ShipConfigurationError) -> any Receiver {
    #if NETWORK
        return try makeReceiver(destination)
    #else
        // Only the tests of what needs no network are built like this.
        throw ShipConfigurationError(
            "\(destination.name): this tattle-ship was built without the network", exitCode: ShipExitCode.usage)
    #endif
}

/// What runs beside the delivery; beside one that only tells what would be sent, nothing.
func networkServices(
    _ settings: ShipSettings, _ shipper: Shipper, isDry: Bool
) throws(ShipConfigurationError) -> [ServiceGroupConfiguration.ServiceConfiguration] {
    guard !isDry, let port = settings.metricsPort else { return [] }
    #if NETWORK
        let server = try MetricsServer(port: port) { shipper.status.metrics() }
        return [ServiceGroupConfiguration.ServiceConfiguration(service: server)]
    #else
        throw ShipConfigurationError(
            "--metrics-port \(port): this tattle-ship was built without the network", exitCode: ShipExitCode.usage)
    #endif
}
