internal import Model

extension AllowList {
    /// What is good wherever it is found: few, and each for a reason.
    ///
    /// Only names that their owner alone can answer for: no cloud, no content network, no host of what others upload.
    public static let standard = AllowList(
        [
            ("*.pool.ntp.org", "the public time servers"),
            ("detectportal.firefox.com", "Firefox asks whether there is a captive portal"),
            ("connectivity-check.ubuntu.com", "NetworkManager asks whether there is a captive portal"),
            ("network-test.debian.org", "NetworkManager asks whether there is a captive portal"),
            ("www.msftconnecttest.com", "Windows asks whether there is a captive portal"),
            ("dns.msftncsi.com", "Windows asks whether names are resolved"),
            ("connectivitycheck.gstatic.com", "Android and Chrome ask whether there is a captive portal"),
            ("push.services.mozilla.com", "Firefox's notifications: a connection that is held"),
            ("mtalk.google.com", "Android's and Chrome's notifications: a connection that is held"),
            ("*.push.apple.com", "Apple's notifications: a connection that is held"),
            ("*.wns.windows.com", "Windows' notifications: a connection that is held"),
            ("*.windowsupdate.com", "Windows Update"),
            ("*.update.microsoft.com", "Windows Update"),
            ("security.ubuntu.com", "Ubuntu's updates"),
            ("archive.ubuntu.com", "Ubuntu's updates"),
        ].map { Entry(.domain($0.0), reason: $0.1) }
            + [
                ("systemd-timesyncd.service", "systemd's time client"), ("chrony.service", "chrony, a time client"),
                ("ntpsec.service", "ntpsec, a time client"),
            ].map { Entry(.unit($0.0), reason: $0.1) }
            + [
                (IPAddress.v4(0xa9fe_a9fe), 32, "the cloud's metadata service, on the host itself"),
                (.v4(0x1100_0000), 8, "Apple's own network, which rents out nothing"),
            ].compactMap { address, length, reason in
                AddressPrefix(address: address, length: length).map { Entry(.block($0), reason: reason) }
            })
}
