internal import Delivery
internal import Following
internal import Glibc
internal import Logs
internal import Preparing
internal import Rules
internal import ShipSettings
internal import Synchronization

/// Makes everything that belongs to one destination.
struct LineMaker {
    let destination: DestinationSettings
    let settings: ShipSettings
    let mode: Shipper.Mode
    /// The files of the log.
    let there: [StoredFile]
    /// The path of its dead letters; nil: nothing is sent.
    let letters: String?
    let version: String
    let say: @Sendable (String) -> Void

    private var name: String { destination.name }

    /// What is done when nobody reads the standard output any more.
    private final class Closed: Sendable {
        let action = Mutex<@Sendable () -> Void>({})
    }

    /// Makes it.
    ///
    /// - Parameter makeReceiver: makes what delivers to a destination with a network.
    func line(
        _ makeReceiver: (DestinationSettings) throws(ShipConfigurationError) -> any Receiver
    ) throws(ShipConfigurationError) -> Shipper.Line {
        let rules = try destination.selection.rulesFile.map { path throws(ShipConfigurationError) in
            try RuleSet(shipFile: path)
        }
        let closed = Closed()
        let receiver: any Receiver =
            switch destination.kind {
            case _ where mode.isDry: CountingReceiver(name: name, limits: destination.limits)
            case .file: FileReceiver(name: name, path: destination.path, limits: destination.limits)
            case .standardOutput:
                FileReceiver(name: name, path: nil, limits: destination.limits) { closed.action.withLock { $0 }() }
            default: try makeReceiver(destination)
            }
        let checkpoint = CheckpointFile(folder: settings.stateFolder, destination: name, log: settings.folder)
        let position = try position(checkpoint)
        let ledger = Ledger(name, position: position, letters: letters, now: unixSeconds, say: say)
        let notice = SkippedNotice(version: version, hostName: hostName(), now: unixNanoseconds)
        let source = FolderSource(
            name, follower: LogFollower(folder: settings.folder, position: position),
            checkpoint: mode.isDry ? nil : checkpoint,
            preparation: Preparation(destination.selection, rules: rules, notice: notice), linger: destination.linger,
            isOnce: mode.isOnce || mode.isDry, ledger: ledger, clock: ContinuousClock())
        let box: any DeadLetterBox =
            letters.map { DeadLetterFile(path: $0, destination: name, now: unixSeconds) } ?? NoLetters()
        let courier = Courier(
            from: source, to: receiver, deadLetters: box, observer: ledger, clock: ContinuousClock(),
            random: { Double.random(in: 0...1) })
        // A reader that has seen enough is no trouble; but where others go on, somebody wants to know that this one does not.
        let isAlone = settings.destinations.count == 1
        closed.action.withLock { action in
            action = {
                courier.stop(within: .zero)
                if !isAlone { ledger.ended("nobody reads it any more: it ends; the others go on") }
            }
        }
        return Shipper.Line(ledger: ledger, source: source, courier: courier)
    }

    /// Where it goes on; nil: with the oldest file.
    private func position(_ checkpoint: CheckpointFile) throws(ShipConfigurationError) -> LogPosition? {
        let again = "it begins with the oldest file again; what comes twice has the same event.id"
        switch checkpoint.load() {
        case .none: return nil
        case .checkpoint(let found):
            let position = found.position
            if found.isOfAnotherLog(than: settings.folder), !there.contains(where: { $0.name.plain == position.file }) {
                say("\(name): the checkpoint '\(checkpoint.path)' is of another folder, '\(found.log ?? "")': \(again)")
                return nil
            }
            return position
        case .damaged:
            say("\(name): the checkpoint '\(checkpoint.path)' is damaged: \(again)")
            return nil
        case .unreadable(let code):
            // strerror's text is valid until the next call on this thread.
            let meaning = unsafe String(cString: strerror(code))
            throw ShipConfigurationError(
                "\(name): the checkpoint '\(checkpoint.path)' cannot be read: \(meaning): let tattle-ship's user read it, "
                    + "or remove it to begin with the oldest file", exitCode: ShipExitCode.cannotCreate)
        }
    }
}
