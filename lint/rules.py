"""The architecture as tables (ARCHITECTURE.md says why). Changing one is a decision, not a repair."""

# Which directory may include which. A name stands for itself and everything below it; a directory without a row of its
# own takes the row of the nearest one above. Everything may include itself. Tests beside the sources, tests/, bench/ and
# programs/ may include everything.
ARROWS = {
    "base": [],
    "trust": ["base"],
    "trust/crypto": ["base"],
    "trust/tpm": ["base", "trust/verified.h", "trust/crypto"],
    "trust/eventlog": ["base", "trust/verified.h", "trust/crypto"],
    "trust/x509": ["base", "trust/verified.h", "trust/crypto"],
    "trust/audit": ["base", "trust/verified.h", "trust/crypto"],
    "trust/appraisal": ["base", "trust/verified.h", "trust/crypto", "trust/tpm", "trust/eventlog", "trust/x509"],
    "trust/tuf": ["base", "trust/verified.h", "trust/crypto", "trust/x509"],
    "wire": ["base", "trust"],
    "ports": ["base"],
    "device": ["base", "trust", "wire", "ports"],
    "service": ["base", "trust", "wire", "ports"],
    "linux": ["base", "trust", "wire", "ports"],
    "sim": ["base", "trust", "wire", "ports"],
    "cli": ["base", "trust", "wire", "ports"],
    "programs": ["base", "trust", "wire", "ports", "device", "service", "linux", "sim", "cli"],
}
TRUSTED_BASE = ["base", "trust", "wire"]
BANNED_FOLDERS = {"common", "util", "utils", "core", "lib", "helpers", "misc"}

# Foreign libraries: which headers belong to one, how CMake calls it, and the only directories with a door to it.
# The first row whose pattern matches decides.
DOORS = [
    ("libssl", r"openssl/(ssl|ssl2|ssl3|sslerr|tls1|dtls1|srtp)\.h", ["OpenSSL::SSL"], ["linux/tls"]),
    ("libcrypto", r"openssl/.*", ["OpenSSL::Crypto"], ["trust/crypto", "trust/x509", "linux/tls", "linux/tpm"]),
    ("simdjson", r"simdjson(\.h|/.*)", ["simdjson::simdjson"], ["base/json"]),
    ("Boost.JSON", r"boost/json(\.hpp|/.*)", ["Boost::json"], ["base/json"]),
    ("Boost", r"boost/.*", ["Boost::boost", "Boost::headers"], ["linux/http"]),
    ("SQLite", r"sqlite3\.h", ["SQLite::SQLite3"], ["linux/store/sqlite"]),
    ("libpq", r"(libpq-fe|pg_config|postgres_ext)\.h", ["PkgConfig::PQ"], ["linux/store/postgres"]),
    ("p11-kit", r"p11-kit/.*", ["PkgConfig::P11KIT"], ["linux/token"]),
    ("tpm2-tss", r"tss2/.*", ["PkgConfig::TSS2"], ["linux/tpm"]),
    ("CLI11", r"CLI/.*", ["CLI11::CLI11"], ["cli"]),
    ("doctest", r"doctest/.*", [], []),
    ("threads", r"pthread\.h", ["Threads::Threads"], ["linux", "programs"]),
    ("the operating system", r"(sys|arpa|net|netinet|linux)/.*\.h", [], ["linux", "programs"]),
    (
        "the operating system",
        r"(unistd|fcntl|poll|signal|dirent|grp|pwd|netdb|termios|dlfcn|link|sched|spawn|syslog|ifaddrs|time|errno"
        r"|malloc)\.h",
        [],
        ["linux", "programs"],
    ),
]

# Parts of the standard library that reach outside the program: kept to the adapters, like the doors above.
WORLDLY = {
    "thread": ["linux", "programs"],
    "condition_variable": ["linux", "programs"],
    "future": ["linux", "programs"],
    "stop_token": ["linux", "programs"],
    "semaphore": ["linux", "programs"],
    "barrier": ["linux", "programs"],
    "latch": ["linux", "programs"],
    "fstream": ["linux", "programs"],
    "filesystem": ["linux", "programs"],
    "iostream": ["linux", "programs"],
    "csignal": ["linux", "programs"],
    "random": ["sim"],
    "mutex": ["linux", "programs", "sim", "service"],
    "shared_mutex": ["linux", "programs", "sim", "service"],
    "atomic": ["linux", "programs", "sim", "service"],
}
STANDARD = set(
    """algorithm any array bit bitset cassert cctype cerrno charconv chrono cinttypes climits cmath compare concepts
    cstddef cstdint cstdio cstdlib cstring ctime deque exception expected format forward_list functional
    initializer_list iomanip ios istream iterator limits list locale map memory memory_resource new numbers numeric
    optional ostream queue ranges ratio regex scoped_allocator set source_location span sstream stack stdexcept
    streambuf string string_view system_error tuple type_traits typeindex typeinfo unordered_map unordered_set utility
    valarray variant vector version""".split()
)
COROUTINES = {"coroutine", "generator"}  # g++ 12.2 destroys temporaries inside co_await twice

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
HEADER_COMMENT_LINES_MAX = 8


def is_within(path, name):
    """Whether a file or directory under src/ is `name` or below it."""
    return path == name or path.startswith(name + "/")


def row_of(folder):
    """The row of ARROWS for a directory under src/: its own or the nearest above. Where the directory above has rows for
    some below it (trust), each below it needs its own."""
    row = folder
    while row not in ARROWS and "/" in row:
        row = row.rsplit("/", 1)[0]
    split = row != folder and any(name.startswith(row + "/") for name in ARROWS)
    return row if row in ARROWS and not split else None


def may_reach(folder, target):
    """Whether code in src/`folder` may include `target`, a file or directory under src/."""
    row = row_of(folder)
    if row is None:
        return False
    return is_within(target, row) or any(is_within(target, allowed) for allowed in ARROWS[row])
