//! A MariaDB server of the test's own, and a session that speaks to it.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::mariadb_binaries::{Binaries, found};
use super::support::users::{User, as_user, unprivileged};

/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_mins(1);
/// The database that tests use.
pub(crate) const DATABASE: &str = "test";

/// `CLIENT_CONNECT_WITH_DB`, `CLIENT_PROTOCOL_41`, `CLIENT_TRANSACTIONS`, `CLIENT_SECURE_CONNECTION`,
/// `CLIENT_MULTI_STATEMENTS` and `CLIENT_MULTI_RESULTS`.
const CAPABILITIES: u32 = 0x8 | 0x200 | 0x2000 | 0x8000 | 0x1_0000 | 0x2_0000;
/// `SERVER_MORE_RESULTS_EXISTS`
const MORE_RESULTS: u16 = 8;
/// `utf8mb4_general_ci`
const CHARSET: u8 = 45;
const COM_QUERY: u8 = 3;

/// A server in a folder of its own, stopped when it is dropped.
pub(crate) struct Server {
    folder: tempfile::TempDir,
    child: Child,
}

/// An error that the server gave.
#[derive(Clone, Debug)]
pub(crate) struct ServerError {
    /// Number of the error.
    #[allow(dead_code, reason = "for tests that expect one")]
    pub code: u16,
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
    /// Initialises and starts a server; `None` where there is none on this machine, and none can be
    /// had, which is said on the standard error.
    ///
    /// # Panics
    /// Where there is a server and it does not start.
    pub(crate) fn start() -> Option<Self> {
        let binaries = match found() {
            Ok(binaries) => binaries,
            Err(reason) => {
                eprintln!("skipped: {reason}");
                return None;
            }
        };
        let folder = tempfile::Builder::new().prefix("mdb").tempdir().expect("a temporary folder");
        let user = unprivileged(folder.path());
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("the folder is ours");
        for path in [folder.path(), &data] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
            if let Some((uid, gid)) = user {
                chown(path, Some(uid), Some(gid)).expect("root gives folders away");
            }
        }
        initialise(&binaries, folder.path(), user);
        let log = fs::File::create(folder.path().join("log")).expect("a log file");
        let child = command(&binaries, folder.path(), user)
            .args(["--skip-grant-tables", "--innodb-doublewrite=0", "--skip-log-bin"])
            .args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"])
            .args(["--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the server runs");
        let server = Self { folder, child };
        server.wait();
        let made = server.open("mysql").run(&format!("create database if not exists {DATABASE}"));
        made.expect("a database is made");
        Some(server)
    }

    /// The address of a database, as SQLAlchemy takes it; `variables` are set in each connection.
    #[allow(dead_code, reason = "for tests that run Alembic")]
    pub(crate) fn url(&self, database: &str, variables: &str) -> String {
        let socket = self.socket().display().to_string();
        let mut url =
            format!("mysql+pymysql://root@/{database}?charset=utf8mb4&unix_socket={socket}");
        if !variables.is_empty() {
            let variables = variables.replace(' ', "%20").replace('=', "%3D").replace(',', "%2C");
            url.push_str(&format!("&init_command=SET%20{variables}"));
        }
        url
    }

    /// A session in the database of tests.
    #[allow(dead_code, reason = "for tests that use one database")]
    pub(crate) fn session(&self) -> Session {
        self.open(DATABASE)
    }

    /// A session in another database.
    pub(crate) fn open(&self, database: &str) -> Session {
        Session::open(&self.socket(), database).expect("the server takes sessions")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    fn wait(&self) {
        let until = Instant::now() + PATIENCE;
        loop {
            match Session::open(&self.socket(), "mysql") {
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
        // Nothing in its folder is needed any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server with what each of its runs needs.
fn command(binaries: &Binaries, folder: &Path, user: User) -> Command {
    let mut command = as_user(&binaries.server, user);
    command
        .args(["--no-defaults", "--skip-networking", "--innodb-log-file-size=16M"])
        .arg(format!("--datadir={}", folder.join("data").display()))
        // A server that starts takes away what temporary tables it finds there.
        .arg(format!("--tmpdir={}", folder.display()))
        .arg(format!("--socket={}", folder.join("socket").display()))
        .arg(format!("--pid-file={}", folder.join("pid").display()))
        .arg(format!("--lc-messages-dir={}", binaries.share.display()))
        .arg(format!("--character-sets-dir={}", binaries.share.join("charsets").display()))
        .current_dir(folder);
    if let Some(libraries) = &binaries.libraries {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    command
}

/// Makes the tables of the server itself, as `mariadb-install-db` does.
fn initialise(binaries: &Binaries, folder: &Path, user: User) {
    let mut child = command(binaries, folder, user)
        .args(["--bootstrap", "--skip-grant-tables"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server runs");
    let script = fs::read_to_string(&binaries.system_tables).expect("the script is there");
    let text = format!("create database mysql;\nuse mysql;\n{script}");
    let mut input = child.stdin.take().expect("it is piped");
    let writer = thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("the server ends");
    let is_written = writer.join().is_ok_and(|written| written.is_ok());
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && is_written, "bootstrap: {log}");
}

impl Session {
    fn open(socket: &Path, database: &str) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE * 5))?;
        let mut session = Self { stream };
        session.packet()?;
        let mut body = CAPABILITIES.to_le_bytes().to_vec();
        body.extend((1_u32 << 24).to_le_bytes());
        body.push(CHARSET);
        body.extend([0; 23]);
        body.extend(b"root\0");
        // No password.
        body.push(0);
        body.extend(database.bytes().chain([0]));
        session.send(1, &body)?;
        let answer = session.packet()?;
        match answer.first() {
            Some(0) => Ok(session),
            Some(0xff) => Err(io::Error::other(server_error(&answer).message)),
            _ => Err(io::Error::other("the server asks for a password")),
        }
    }

    /// Runs statements, and says what the last one with rows gave; none after one that fails.
    ///
    /// # Panics
    /// Where the server is gone.
    pub(crate) fn run(&mut self, text: &str) -> Result<Rows, ServerError> {
        let mut body = vec![COM_QUERY];
        body.extend(text.bytes());
        self.send(0, &body).expect("the server is there");
        let mut rows = Rows::new();
        loop {
            let (found, has_more) = self.result().expect("the server answers")?;
            if let Some(found) = found {
                rows = found;
            }
            if !has_more {
                return Ok(rows);
            }
        }
    }

    /// One statement's result, and whether there is another.
    fn result(&mut self) -> io::Result<Result<(Option<Rows>, bool), ServerError>> {
        let head = self.packet()?;
        match head.first() {
            Some(0) => {
                let (_, rest) = encoded(&head[1..]);
                let (_, rest) = encoded(rest);
                return Ok(Ok((None, has_more(rest))));
            }
            Some(0xff) => return Ok(Err(server_error(&head))),
            _ => {}
        }
        let (columns, _) = encoded(&head);
        for _ in 0..columns.unwrap_or(0) {
            self.packet()?;
        }
        self.packet()?;
        let mut rows = Rows::new();
        loop {
            let packet = self.packet()?;
            match packet.first() {
                Some(0xfe) if packet.len() < 9 => {
                    return Ok(Ok((Some(rows), has_more(&packet[3..]))));
                }
                Some(0xff) => return Ok(Err(server_error(&packet))),
                _ => rows.push(row(&packet)),
            }
        }
    }

    fn send(&mut self, number: u8, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).expect("a statement is short").to_le_bytes();
        self.stream.write_all(&[length[0], length[1], length[2], number])?;
        self.stream.write_all(body)
    }

    fn packet(&mut self) -> io::Result<Vec<u8>> {
        let mut head = [0; 4];
        self.stream.read_exact(&mut head)?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }
}

/// Reads an integer of the protocol, `None` for NULL; and what follows it.
fn encoded(bytes: &[u8]) -> (Option<usize>, &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return (Some(0), bytes) };
    let width = match first {
        0xfb => return (None, rest),
        0xfc => 2,
        0xfd => 3,
        0xfe => 8,
        small => return (Some(usize::from(*small)), rest),
    };
    let (number, rest) = rest.split_at(width);
    (Some(number.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))), rest)
}

fn has_more(status: &[u8]) -> bool {
    let status = status.first_chunk::<2>().map_or(0, |status| u16::from_le_bytes(*status));
    status & MORE_RESULTS != 0
}

fn row(packet: &[u8]) -> Vec<Option<String>> {
    let mut fields = Vec::new();
    let mut rest = packet;
    while !rest.is_empty() {
        let (length, tail) = encoded(rest);
        let (field, tail) = tail.split_at(length.unwrap_or(0));
        fields.push(length.map(|_| String::from_utf8_lossy(field).into_owned()));
        rest = tail;
    }
    fields
}

fn server_error(packet: &[u8]) -> ServerError {
    let code = packet.get(1..3).map_or(0, |code| u16::from_le_bytes([code[0], code[1]]));
    let text = String::from_utf8_lossy(packet.get(3..).unwrap_or_default()).into_owned();
    // `#` and five letters of SQLSTATE come first.
    let message = if text.starts_with('#') { text.chars().skip(6).collect() } else { text };
    ServerError { code, message }
}
