internal import Testing

@testable internal import Doctor

/// The differences between two prototypes, without typedefs.
private func differences(_ wanted: String, _ there: String, typedefs: [String: String] = [:]) throws -> [String] {
    try #require(Prototype(wanted)).differences(in: #require(Prototype(there))) { typedefs[$0] }
}

@Suite struct PrototypeTests {
    @Test func aPrototypeIsRead() throws {
        let prototype = try #require(
            Prototype("int udp_sendmsg(struct sock *sk, const struct msghdr *msg, long unsigned int len)"))
        #expect(prototype.result == "int" && prototype.name == "udp_sendmsg" && !prototype.isOpenEnded)
        #expect(prototype.parameters.map(\.type) == ["struct sock *", "struct msghdr *", "unsigned long"])
        #expect(prototype.parameters.map(\.name) == ["sk", "msg", "len"])
    }

    @Test func namesMayBeMissing() throws {
        let prototype = try #require(Prototype("void f(struct sock *, int, enum why, pid_t, long int, void **)"))
        #expect(prototype.parameters.allSatisfy { $0.name == nil })
        #expect(
            prototype.parameters.map(\.type) == ["struct sock *", "int", "enum why", "pid_t", "long", "void **"])
    }

    @Test func noParametersAreVoid() throws {
        #expect(try #require(Prototype("void f(void)")).parameters.isEmpty)
    }

    @Test(arguments: ["BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE", "", "(int a)", "f(int a", "f(int a,)"])
    func whatIsNoPrototypeIsNone(text: String) {
        #expect(Prototype(text) == nil)
    }

    @Test func qualifiersAndSpellingsOfIntegersDoNotMatter() throws {
        #expect(try differences("int f(const int a, unsigned long b)", "int f(int a, long unsigned int b)") == [])
        #expect(try differences("f(bool a, short int b)", "void f(_Bool a, short b)") == [])
        #expect(
            try differences("f(struct sockaddr_storage *a)", "void f(struct __kernel_sockaddr_storage *a)") == [])
        #expect(try differences("f(const struct sock *sk)", "void f(struct sock *sk)") == [])
    }

    @Test func anotherNameOfATypeDoesNotMatter() throws {
        let typedefs = ["size_t": "__kernel_size_t", "__kernel_size_t": "long unsigned int", "u8": "unsigned char"]
        #expect(try differences("f(size_t n)", "void f(unsigned long n)", typedefs: typedefs) == [])
        #expect(try differences("f(unsigned char *n)", "void f(u8 *n)", typedefs: typedefs) == [])
        #expect(try differences("f(size_t n)", "void f(unsigned int n)", typedefs: typedefs).count == 1)
    }

    @Test func typedefsInACircleEnd() throws {
        #expect(try differences("f(a x)", "void f(int x)", typedefs: ["a": "b", "b": "a"]).count == 1)
    }

    @Test func anotherTypeIsSaid() throws {
        #expect(
            try differences("int f(struct sockaddr *uaddr)", "int f(struct sockaddr_unsized *uaddr)")
                == ["parameter 1 is struct sockaddr_unsized *uaddr, not struct sockaddr *uaddr"])
        #expect(try differences("int f(void)", "void f(void)") == ["returns void, not int"])
        #expect(try differences("f(struct sock *sk)", "void f(struct sock sk)").count == 1)
    }

    @Test func twoOfOneTypeThatChangedPlacesAreSaid() throws {
        #expect(try differences("f(int flags, int length)", "void f(int length, int flags)").count == 2)
    }

    @Test func moreAndFewerParametersAreSaid() throws {
        #expect(try differences("f(int a)", "void f(int a, bool b)") == ["has one more: bool b"])
        #expect(try differences("f(int a, bool b)", "void f(int a)") == ["lacks bool b"])
    }

    @Test(arguments: ["…", "..."])
    func anOpenEndStandsForAnyMore(end: String) throws {
        #expect(try differences("int f(int a, \(end))", "int f(int a, struct b *c, int d)") == [])
        #expect(try differences("int f(int a, \(end))", "int f(int a)") == [])
        #expect(try differences("int f(int a, \(end))", "int f(void)") == ["lacks int a"])
    }
}
