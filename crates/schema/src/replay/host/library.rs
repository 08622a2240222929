//! Calls of what other packages offer.

use python::interpret::{Answer, Arguments, Object, Site};

use super::calls::{handle, is_bound};
use super::{Kind as Handles, Replaying};

/// Words in the name of a function that may change tables on its own.
const SUSPECT: &[&str] = &[
    "table",
    "column",
    "index",
    "constraint",
    "schema",
    "migrat",
    "upgrade",
    "downgrade",
    "alter",
    "foreign_key",
    "ddl",
    "enum",
];

/// Answers a call of a name that is neither Alembic's nor SQLAlchemy's.
pub(super) fn call<'t>(
    host: &mut Replaying<'_, '_, 't>,
    name: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    let last = name.rsplit('.').next().unwrap_or(name);
    let root = name.split('.').next().unwrap_or(name);
    if root == "contextlib" && last == "suppress" {
        return Answer::Symbolic;
    }
    if is_standard(root) {
        return standard(name, arguments);
    }
    if let ("lazy_object_proxy.Proxy", Some(function)) = (name, arguments.at(0)) {
        return Answer::Call(function.value.clone(), Arguments::default());
    }
    if last == "get_sqla_class" {
        return Answer::Value(Object::foreign("flask_sqlalchemy.SQLAlchemy", site.place));
    }
    // Classes are made, and types among them are read later.
    let is_class = last.starts_with(|first: char| first.is_ascii_uppercase());
    if is_class && !is_bound(arguments) {
        return Answer::Symbolic;
    }
    let lower = last.to_lowercase();
    if is_bound(arguments)
        || SUSPECT.iter().any(|word| lower.contains(word)) && !lower.starts_with("get_")
    {
        host.blind(site.entry, &format!("`{name}` could not be read"), None);
        return Answer::Opaque(format!("the result of `{last}`").into());
    }
    if last == "session" || last == "get_session" {
        return handle(Handles::Session);
    }
    Answer::Unknown(format!("the result of `{last}`").into())
}

fn standard<'t>(name: &str, arguments: &Arguments<'t>) -> Answer<'t> {
    // Coroutines of the project are run with what they are handed.
    if let ("asyncio.run", Some(argument)) = (name, arguments.at(0)) {
        return Answer::Value(argument.value.clone());
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    Answer::Unknown(format!("the result of `{last}`").into())
}

/// Whether a module is one of Python's own or of those that never touch tables by themselves.
fn is_standard(root: &str) -> bool {
    const MODULES: &str = "abc argparse ast asyncio base64 binascii bisect calendar collections concurrent \
        contextlib copy cryptography csv dataclasses datetime dateutil decimal enum fnmatch \
        functools gc getpass glob gzip hashlib hmac html http importlib inspect io ipaddress \
        itertools json locale logging loguru math mimetypes numpy operator orjson os pandas \
        pathlib pickle platform pprint pytz queue random re requests rich secrets shlex \
        shutil signal simplejson six slugify socket ssl statistics string struct structlog \
        subprocess sys tempfile textwrap threading time tqdm traceback types typing \
        unicodedata urllib uuid warnings weakref werkzeug yaml zlib zoneinfo click oslo_log \
        packaging bcrypt passlib tenacity pydantic attr attrs typing_extensions builtins \
        __future__";
    MODULES.split_ascii_whitespace().any(|each| each == root)
}

/// A value that stands for the result of a query.
pub(super) fn query<'t>() -> Answer<'t> {
    Answer::Unknown("the result of a query".into())
}

/// `None`.
pub(super) fn nothing<'t>() -> Answer<'t> {
    Answer::Value(Object::None)
}
