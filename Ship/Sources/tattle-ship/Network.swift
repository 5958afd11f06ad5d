internal import ArgumentParser
internal import Delivery
internal import ServiceLifecycle
internal import ShipSettings
internal import Shipping

/// What speaks to the destination.
func makeNetworkReceiver(_ destination: DestinationSettings) throws(ShipConfigurationError) -> any Receiver {
    throw ShipConfigurationError(
        "\(destination.name): this tattle-ship was built without the network", exitCode: ShipExitCode.usage)
}

/// What else is to run beside the delivery.
func networkServices(
    _ settings: ShipSettings, _ shipper: Shipper
) throws(ShipConfigurationError) -> [ServiceGroupConfiguration.ServiceConfiguration] {
    guard settings.metricsPort != nil else { return [] }
    throw ShipConfigurationError(
        "--metrics-port: this tattle-ship was built without the network", exitCode: ShipExitCode.usage)
}

/// Subcommands that need the network's modules.
let networkCommands: [any ParsableCommand.Type] = []
