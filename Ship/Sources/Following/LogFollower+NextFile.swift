internal import Logs

extension LogFollower {
    /// What came of looking for the next file.
    private enum Look {
        case opened
        /// No file has a line that was not taken.
        case nothing
        /// Files were compressed or removed while it looked.
        case changed
    }

    /// How often it looks in a row at a folder that changes: what is not found then is looked for again soon.
    private static let mostLooks = 8

    /// Opens the file at the position, or the one behind it; false: there is none with a line in it.
    func open() throws(FollowingError) -> Bool {
        var there = try files.current()
        for _ in 0..<Self.mostLooks {
            switch try open(among: there) {
            case .opened: return true
            case .nothing: return false
            case .changed: there = try files.afresh()
            }
        }
        return false
    }

    private func open(among there: [StoredFile]) throws(FollowingError) -> Look {
        var passed: Set<LogFileName> = []
        if let position, !isFileDone, let same = there.first(where: { $0.name.plain == position.file }) {
            switch try LogFile.open(same.name, in: folder) {
            case .file(let opened):
                // Nobody but a stranger gives another file the same name. From its beginning then: twice is better than never.
                let isStranger = fingerprint(opened.firstLine) != position.firstLine
                let isThere = isStranger ? true : try opened.seek(to: position.offset)
                if isThere {
                    file = opened
                    return .opened
                }
                (damagedFile, isFileDone) = (position.file, true)
            case .damaged: (damagedFile, isFileDone) = (position.file, true)
            case .empty: passed.insert(position.file)
            case .gone: return .changed
            }
        }
        var damaged = damagedFile
        for candidate in there where position.map({ $0.file < candidate.name.plain }) ?? true {
            switch try LogFile.open(candidate.name, in: folder) {
            case .file(let opened): return try enter(opened, passing: passed, damaged) ? .opened : .changed
            case .damaged:
                damaged = damaged ?? candidate.name.plain
                passed.insert(candidate.name.plain)
            case .empty: passed.insert(candidate.name.plain)
            case .gone: return .changed
            }
        }
        damagedFile = damaged
        return .nothing
    }

    /// Goes on with a file, and says what is missing in front of it.
    ///
    /// - Parameters:
    ///   - passed: files in front of it that have no line, or none that can be read.
    ///   - damaged: the first of them that is damaged.
    /// - Returns: false: there is one in front of it, after all.
    private func enter(
        _ opened: LogFile, passing passed: Set<LogFileName>, _ damaged: LogFileName?
    ) throws(FollowingError) -> Bool {
        let gap = try Gap(behind: position, before: opened, damaged: damaged)
        var isWhole = false
        if !gap.isNone {
            // A file that is compressed while the folder is listed may be missed under both of its names; not twice.
            let there = try files.afresh()
            let isMissed = there.contains { file in
                let name = file.name.plain
                let isBehind = position.map { isFileDone ? name > $0.file : name >= $0.file } ?? true
                return isBehind && name < opened.name.plain && !passed.contains(name)
            }
            if isMissed { return false }
            // The oldest are removed first.
            isWhole = isFileDone && damaged == nil && there.contains { $0.name.plain == position?.file }
        }
        skipped = gap.told(isWhole: isWhole)
        file = opened
        isFileDone = false
        damagedFile = nil
        return true
    }
}
