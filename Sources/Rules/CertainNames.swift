internal import Model

/// Which names of a process nobody has chosen who is not the machine's root.
///
/// A user's manager, and whoever has been given a part of the hierarchy of control groups, calls units and containers
/// there what they like; who has a mount namespace of their own gives any file any path.
struct CertainNames {
    /// Whether the unit is one of the system's manager.
    let isUnit: Bool
    /// Whether the container is one that the machine's root has made, as far as its place tells.
    let isContainer: Bool
    /// Whether the executable's path leads to it on the machine.
    let isExecutable: Bool

    init(_ attribution: Attribution) {
        let place = attribution.group.map { ControlGroupPath($0.path) }
        isUnit = place?.isUnitOfSystem ?? false
        isContainer = place?.isContainerOfSystem ?? false
        isExecutable = attribution.file?.isAtPath ?? false
    }
}
