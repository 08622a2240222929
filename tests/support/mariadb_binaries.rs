//! Where a MariaDB server is, or how one is had.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::support::{lock, workspace};

/// The package of Debian that has the server.
const PACKAGE: &str = "mariadb-server-core";
/// What the script for the server's own tables is called, by version.
const SCRIPTS: [&str; 2] = ["mysql_system_tables.sql", "mariadb_system_tables.sql"];

/// The parts of a server.
#[derive(Debug)]
pub(crate) struct Binaries {
    /// `mariadbd`
    pub server: PathBuf,
    /// The folder of its messages and character sets.
    pub share: PathBuf,
    /// The script that makes its own tables.
    pub system_tables: PathBuf,
    /// Folders of libraries that the machine has not.
    pub libraries: Option<String>,
}

/// A server that is installed, else the one of Debian's package, unpacked below `target`.
///
/// # Errors
/// Why there is none.
pub(crate) fn found() -> Result<Binaries, String> {
    if let Some(binaries) = installed() {
        return Ok(binaries);
    }
    from_package().map_err(|why| {
        format!(
            "a MariaDB server is needed, and {why}: install one (`mariadb-server` on Debian); what \
             is said of MySQL stays as its manual has it"
        )
    })
}

fn installed() -> Option<Binaries> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for folder in [
        "/usr/sbin",
        "/usr/local/sbin",
        "/usr/libexec",
        "/usr/local/mysql/bin",
        "/usr/local/mariadb/bin",
        "/opt/homebrew/opt/mariadb/bin",
    ] {
        folders.push(folder.into());
    }
    let names = ["mariadbd", "mysqld"];
    let servers = folders.iter().flat_map(|folder| names.map(|name| folder.join(name)));
    servers.filter(|server| is_mariadb(server)).find_map(|server| {
        let server = fs::canonicalize(server).ok()?;
        of_prefix(server.parent()?.parent()?, &server)
    })
}

/// Another server of MySQL's kind has other facts and is made in another way.
fn is_mariadb(server: &Path) -> bool {
    let output = Command::new(server).arg("--version").output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("MariaDB"))
}

/// The server below a prefix, with its scripts and messages.
fn of_prefix(prefix: &Path, server: &Path) -> Option<Binaries> {
    let folders = ["share/mysql", "share/mariadb", "share"].map(|folder| prefix.join(folder));
    let share = folders.iter().find(|folder| folder.join("charsets/Index.xml").is_file())?.clone();
    let scripts = folders.iter().flat_map(|folder| SCRIPTS.map(|script| folder.join(script)));
    let system_tables = scripts.into_iter().find(|script| script.is_file())?;
    Some(Binaries { server: server.to_owned(), share, system_tables, libraries: None })
}

/// The server of Debian's package; nothing of it is installed.
fn from_package() -> Result<Binaries, String> {
    let folder = workspace().join("target").join(PACKAGE);
    let root = folder.join("root");
    let _lock = lock(&folder);
    if !folder.join("ready").is_file() {
        if root.exists() {
            fs::remove_dir_all(&root).map_err(|error| error.to_string())?;
        }
        unpack(&folder, &root, &[PACKAGE.to_owned()])?;
        if !is_runnable(&root.join("usr/sbin/mariadbd"), None) {
            unpack(&folder, &root, &libraries(&folder))?;
        }
        fs::write(folder.join("ready"), "").map_err(|error| error.to_string())?;
    }
    let server = root.join("usr/sbin/mariadbd");
    let mut binaries = of_prefix(&root.join("usr"), &server).ok_or("the package has none")?;
    if !is_runnable(&server, None) {
        let below: Vec<PathBuf> = [root.join("usr/lib"), root.join("lib")]
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flat_map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()))
            .collect();
        let below: Vec<String> = below.iter().map(|path| path.display().to_string()).collect();
        binaries.libraries = Some(below.join(":"));
    }
    if !is_runnable(&server, binaries.libraries.as_deref()) {
        return Err("the one of the package does not run here".to_owned());
    }
    Ok(binaries)
}

fn is_runnable(server: &Path, libraries: Option<&str>) -> bool {
    let mut command = Command::new(server);
    if let Some(libraries) = libraries {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    let status = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Downloads packages and unpacks them, which needs no rights.
fn unpack(folder: &Path, root: &Path, packages: &[String]) -> Result<(), String> {
    let archives = folder.join("archives");
    if archives.exists() {
        fs::remove_dir_all(&archives).map_err(|error| error.to_string())?;
    }
    fs::create_dir_all(&archives).map_err(|error| error.to_string())?;
    fs::create_dir_all(root).map_err(|error| error.to_string())?;
    let download =
        || quiet(apt("apt-get", folder).arg("download").args(packages).current_dir(&archives));
    if download().is_err() {
        // The machine may know no packages yet.
        let lists = folder.join("lists/partial");
        fs::create_dir_all(lists).map_err(|error| error.to_string())?;
        quiet(apt("apt-get", folder).arg("update"))?;
        download()?;
    }
    let entries = fs::read_dir(&archives).map_err(|error| error.to_string())?;
    for archive in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        quiet(Command::new("dpkg").arg("-x").arg(archive).arg(root))?;
    }
    Ok(())
}

/// The libraries that the package asks for, but for those that every Debian has.
fn libraries(folder: &Path) -> Vec<String> {
    let output = apt("apt-cache", folder).args(["depends", PACKAGE]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    let names = text.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    names
        .filter(|name| name.starts_with("lib") && !["libc6", "libcrypt1"].contains(name))
        .map(str::to_owned)
        .collect()
}

/// A program of apt with lists and caches of its own, so that nobody's rights are needed.
fn apt(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let lists = folder.join("lists");
    if lists.is_dir() {
        command.arg("-o").arg(format!("Dir::State::lists={}", lists.display()));
    }
    let cache = folder.join("cache");
    let _ = fs::create_dir_all(cache.join("archives/partial"));
    command.arg("-o").arg(format!("Dir::Cache={}", cache.display()));
    command.args(["-o", "APT::Sandbox::User=root"]);
    command
}

fn quiet(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("`{program}` does not run ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    let error = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{program}` fails ({})", error.lines().last().unwrap_or_default()))
}
