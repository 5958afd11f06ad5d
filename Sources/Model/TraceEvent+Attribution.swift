extension TraceEvent {
    /// Who it is about; nil: nobody.
    public var attribution: Attribution? {
        switch self {
        case .attempted(let event), .resolved(let event): event.attribution
        case .disconnected(let event): event.attribution
        case .existing(let event): event.attribution
        case .aggregated(let event): event.attribution
        case .beacon(let event): event.attribution
        case .started, .lost, .heartbeat, .stopped: nil
        }
    }

    /// The same with what is known of the executable.
    public func with(file: FileVerdict?, isPending: Bool) -> TraceEvent {
        changingAttribution {
            $0.file = file
            $0.isFilePending = isPending
        }
    }

    /// The same of the same process, of which more is known.
    public func with(process: ProcessFacts) -> TraceEvent {
        changingAttribution { $0.process = process }
    }

    /// The same with a change of who it is about; what is about nobody stays as it is.
    private func changingAttribution(_ change: (inout Attribution) -> Void) -> TraceEvent {
        switch self {
        case .attempted(var event):
            change(&event.attribution)
            return .attempted(event)
        case .resolved(var event):
            change(&event.attribution)
            return .resolved(event)
        case .disconnected(var event):
            change(&event.attribution)
            return .disconnected(event)
        case .existing(var event):
            guard var attribution = event.attribution else { return self }
            change(&attribution)
            event.attribution = attribution
            return .existing(event)
        case .aggregated(var event):
            change(&event.attribution)
            return .aggregated(event)
        case .beacon(var event):
            change(&event.attribution)
            return .beacon(event)
        case .started, .lost, .heartbeat, .stopped: return self
        }
    }
}
