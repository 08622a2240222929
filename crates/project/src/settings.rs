//! The settings of one configuration, read from ini and TOML as Alembic merges them.

use diagnostics::{Edit, Fix};

use crate::environment::{ConfigFault, DEFAULT_FILE_TEMPLATE, DEFAULT_SLUG_LENGTH};
use crate::options::{Located, Options, comment_cut};
use crate::separator::{parse_separator, split_paths};

/// What a configuration says, before any path is looked up.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) script_location: Option<Located>,
    /// Empty where not set: then it is `versions` in the script directory.
    pub(crate) version_locations: Vec<Located>,
    /// The character between version locations, where one is configured.
    pub(crate) separator: Option<char>,
    pub(crate) prepend_sys_path: Vec<String>,
    pub(crate) recursive: bool,
    pub(crate) file_template: String,
    pub(crate) truncate_slug_length: usize,
    pub(crate) timezone: Option<String>,
    pub(crate) databases: Vec<String>,
    pub(crate) faults: Vec<ConfigFault>,
    pub(crate) notes: Vec<String>,
}

impl Settings {
    /// Reads every option that each Alembic command reads, in Alembic's order, so that a fault
    /// in any of them is found.
    pub(crate) fn read(mut options: Options<'_>) -> Self {
        let script_location = options.string("script_location");
        let truncate_slug_length = slug_length(&mut options);
        let prepend_sys_path = prepend_sys_path(&mut options);
        let recursive = options.flag("recursive_version_locations");
        let file_template = options
            .string("file_template")
            .map_or_else(|| DEFAULT_FILE_TEMPLATE.to_owned(), |found| found.value);
        if options.flag("sourceless") {
            options.notes.push(
                "`sourceless` is set, but only source files are read: a revision that is there \
                 as `.pyc` alone is not seen"
                    .to_owned(),
            );
        }
        options.string("output_encoding");
        let (version_locations, separator) = version_locations(&mut options);
        let timezone = timezone(&mut options);
        revision_environment(&mut options);
        options.read_hooks();
        let databases = databases(&options);
        let mut faults = std::mem::take(&mut options.faults);
        faults.sort_by_key(|fault| fault.place);
        faults.dedup();
        Self {
            script_location,
            version_locations,
            separator,
            prepend_sys_path,
            recursive,
            file_template,
            truncate_slug_length,
            timezone,
            databases,
            faults,
            notes: options.notes,
        }
    }
}

fn slug_length(options: &mut Options<'_>) -> usize {
    let Some(found) = options.text_or_number("truncate_slug_length") else {
        return DEFAULT_SLUG_LENGTH;
    };
    match python_int(&found.value) {
        Some(length) => usize::try_from(length)
            .ok()
            .filter(|&length| length != 0)
            .unwrap_or(DEFAULT_SLUG_LENGTH),
        // Python takes digits of any script; whether it takes these is not looked into.
        None if !found.value.is_ascii() => DEFAULT_SLUG_LENGTH,
        None => {
            let cut = comment_cut(options.text(found.place), found.place);
            let cut = cut.filter(|cut| python_int(cut.kept).is_some());
            let length = cut.as_ref().and_then(|cut| python_int(cut.kept));
            let fix = cut.map(|cut| cut.fix);
            options.faults.push(
                ConfigFault::new(
                    found.place,
                    format!(
                        "`truncate_slug_length` is `{}`, which is not a whole number, so every \
                         command fails",
                        shorten(&found.value)
                    ),
                    "write a whole number such as `40`, or remove the option; a comment takes a \
                     line of its own",
                )
                .with_fix(fix),
            );
            length.and_then(|length| usize::try_from(length).ok()).unwrap_or(DEFAULT_SLUG_LENGTH)
        }
    }
}

/// `int(text)` of Python for ASCII digits; a number that does not fit is the nearest that does.
fn python_int(text: &str) -> Option<i64> {
    let text = text.trim_matches(crate::ini::is_space);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.split('_').any(|run| run.is_empty() || !run.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let mut number = 0_i64;
    for digit in digits.bytes().filter(u8::is_ascii_digit) {
        number = number.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
    }
    Some(if negative { -number } else { number })
}

fn prepend_sys_path(options: &mut Options<'_>) -> Vec<String> {
    if let Some(found) = options.ini_string("prepend_sys_path").filter(|it| !it.value.is_empty()) {
        let separator = separator(options, &["path_separator"]);
        let pieces = split_paths(&found.value, separator, true);
        return pieces.into_iter().map(str::to_owned).collect();
    }
    options.toml_list("prepend_sys_path").into_iter().map(|found| found.value).collect()
}

fn version_locations(options: &mut Options<'_>) -> (Vec<Located>, Option<char>) {
    let Some(found) = options.ini_string("version_locations").filter(|it| !it.value.is_empty())
    else {
        return (options.toml_list("version_locations"), None);
    };
    let separator = separator(options, &["path_separator", "version_path_separator"]);
    let mut locations = Vec::new();
    for piece in options.split(&found, separator) {
        if piece.value.is_empty() {
            options.faults.push(ConfigFault::new(
                found.place,
                "an empty item in `version_locations` is the working directory, whose `.py` \
                 files Alembic would run as revisions",
                "remove the separator that nothing follows",
            ));
            continue;
        }
        if piece.value.contains('\n') {
            let fix = separator_of_lines(options, &found);
            options.faults.push(newline_fault(&found, separator).with_fix(fix));
            let lines = piece.value.split('\n').map(str::trim).filter(|line| !line.is_empty());
            let place = piece.place;
            locations.extend(lines.map(|line| Located { value: line.to_owned(), place }));
            continue;
        }
        locations.push(piece);
    }
    (locations, separator)
}

fn newline_fault(found: &Located, separator: Option<char>) -> ConfigFault {
    let between = match separator {
        None => "spaces and commas separate",
        Some(' ') => "spaces separate",
        Some(_) => "the configured separator does",
    };
    ConfigFault::new(
        found.place,
        format!(
            "the lines of `version_locations` are not separate locations, only {between}, so \
             Alembic skips them"
        ),
        "set `path_separator = newline`",
    )
}

/// Adds `path_separator = newline` where nothing else in the file would be read otherwise.
fn separator_of_lines(options: &mut Options<'_>, found: &Located) -> Option<Fix> {
    let is_free = ["path_separator", "version_path_separator"]
        .iter()
        .all(|name| options.ini_string(name).is_none());
    let prepended = options.ini_string("prepend_sys_path");
    let is_one_path = prepended.is_none_or(|paths| !paths.value.contains([' ', ',', ':']));
    let are_lines = !found.value.contains([' ', ',']);
    let key = options.line_of("version_locations")?;
    (is_free && is_one_path && are_lines).then(|| {
        let edit = Edit::replace(key, "path_separator = newline\n");
        Fix::safe("set `path_separator = newline`", vec![edit])
    })
}

/// The separator named by the first of `names` that is set; an invalid one is a fault.
fn separator(options: &mut Options<'_>, names: &[&str]) -> Option<char> {
    let (name, found) =
        names.iter().find_map(|name| options.ini_string(name).map(|found| (*name, found)))?;
    if let Some(separator) = parse_separator(&found.value) {
        return Some(separator);
    }
    let cut = comment_cut(options.text(found.place), found.place);
    let cut = cut.and_then(|cut| Some((parse_separator(cut.kept)?, cut)));
    let (message, help) = match &cut {
        Some((_, cut)) => (
            format!(
                "the comment after `{name} = {}` is part of the value, which Alembic rejects",
                cut.kept
            ),
            "put the comment on a line of its own".to_owned(),
        ),
        None => (
            format!("`{}` is not a valid value for `{name}`", shorten(&found.value)),
            "write one of `os`, `space`, `newline`, `:` and `;`".to_owned(),
        ),
    };
    let mut fault = ConfigFault::new(found.place, message, help);
    let separator = cut.map(|(separator, cut)| {
        fault.fix = Some(cut.fix);
        separator
    });
    options.faults.push(fault);
    separator
}

fn timezone(options: &mut Options<'_>) -> Option<String> {
    let found = options.string("timezone")?;
    if found.value.is_empty() {
        options.faults.push(ConfigFault::new(
            found.place,
            "`timezone` is empty, so `alembic revision` fails",
            "name a zone such as `UTC`, or remove the option",
        ));
        return None;
    }
    Some(found.value)
}

fn revision_environment(options: &mut Options<'_>) {
    const WORDS: [&str; 12] =
        ["true", "yes", "on", "y", "t", "1", "false", "no", "off", "n", "f", "0"];
    let Some(found) = options.ini_string("revision_environment") else { return };
    let is_valid = |text: &str| WORDS.contains(&text.trim().to_lowercase().as_str());
    if is_valid(&found.value) {
        return;
    }
    let cut = comment_cut(options.text(found.place), found.place).filter(|cut| is_valid(cut.kept));
    options.faults.push(
        ConfigFault::new(
            found.place,
            format!(
                "`revision_environment` is `{}`, which is neither true nor false, so \
                 `alembic revision` fails",
                shorten(&found.value)
            ),
            "write `true` or `false`; a comment takes a line of its own",
        )
        .with_fix(cut.map(|cut| cut.fix)),
    );
}

fn databases(options: &Options<'_>) -> Vec<String> {
    let Some(value) = options.ini_value("databases") else { return Vec::new() };
    let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// A value as it is put into a message: one line, not long.
pub(crate) fn shorten(value: &str) -> String {
    const LONGEST: usize = 60;
    let line = value.lines().next().unwrap_or_default();
    if line.len() == value.len() && value.chars().count() <= LONGEST {
        return value.to_owned();
    }
    let start: String = line.chars().take(LONGEST).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use diagnostics::FileId;

    use super::*;
    use crate::ini::Ini;
    use crate::pyproject::Pyproject;

    fn read(ini: &str, toml: &str) -> Settings {
        let (parsed, pyproject) = (Ini::parse(ini), Pyproject::parse(toml));
        Settings::read(
            Options::new().with_ini(FileId::new(0), ini, &parsed, "alembic", "/here").with_toml(
                FileId::new(1),
                toml,
                &pyproject,
                "/there",
            ),
        )
    }

    fn mended(text: &str, fault: &ConfigFault) -> String {
        let mut text = text.to_owned();
        for edit in &fault.fix.as_ref().expect("a fix").edits {
            let Edit::Replace { place, text: new } = edit else { panic!("a replacement") };
            text.replace_range(place.span.start as usize..place.span.end as usize, new);
        }
        text
    }

    fn messages(settings: &Settings) -> Vec<&str> {
        settings.faults.iter().map(|fault| fault.message.as_str()).collect()
    }

    #[test]
    fn the_ini_wins_key_by_key() {
        let settings = read(
            "[alembic]\nscript_location = %(here)s/a\n",
            "[tool.alembic]\nscript_location = 'b'\nversion_locations = ['%(here)s/v', 'w']\n",
        );
        assert_eq!(settings.script_location.expect("set").value, "/here/a");
        let locations: Vec<String> =
            settings.version_locations.into_iter().map(|found| found.value).collect();
        assert_eq!(locations, ["/there/v", "w"]);
    }

    #[test]
    fn a_comment_after_a_separator_matters_only_where_locations_are_set() {
        let line = "version_path_separator = os  # Use os.pathsep.\n";
        assert!(read(&format!("[alembic]\n{line}"), "").faults.is_empty());
        let text = format!("[alembic]\nversion_locations = a:b\n{line}");
        let settings = read(&text, "");
        assert_eq!(
            messages(&settings),
            [
                "the comment after `version_path_separator = os` is part of the value, which Alembic \
              rejects"
            ]
        );
        assert_eq!(settings.version_locations.len(), 2);
        assert!(mended(&text, &settings.faults[0]).ends_with("version_path_separator = os\n"));
    }

    #[test]
    fn path_separator_matters_to_prepend_sys_path_as_well() {
        let settings = read("[alembic]\nprepend_sys_path = .\npath_separator = comma\n", "");
        assert_eq!(messages(&settings), ["`comma` is not a valid value for `path_separator`"]);
        assert!(settings.faults[0].fix.is_none());
    }

    #[test]
    fn a_flag_is_true_only_as_true() {
        for (value, count) in [("true", 0), ("True", 1), ("1", 1), ("false", 0), ("nonsense", 0)] {
            let text = format!("[alembic]\nrecursive_version_locations = {value}\n");
            let settings = read(&text, "");
            assert_eq!(settings.faults.len(), count, "{value}");
            assert_eq!(settings.recursive, value == "true", "{value}");
            for fault in &settings.faults {
                assert!(mended(&text, fault).ends_with("recursive_version_locations = true\n"));
            }
        }
    }

    #[test]
    fn a_string_where_toml_wants_a_list_is_wrapped() {
        let text = "[tool.alembic]\nversion_locations = \"%(here)s/v\"\n";
        let settings = read("", text);
        assert_eq!(settings.version_locations[0].value, "/there/v");
        assert_eq!(
            mended(text, &settings.faults[0]),
            "[tool.alembic]\nversion_locations = [\"%(here)s/v\"]\n"
        );
    }

    #[test]
    fn tokens_of_the_file_template_are_escaped() {
        let text = "[alembic]\nfile_template = %(year)d_%(rev)s_%%(slug)s\n";
        let settings = read(text, "");
        assert_eq!(settings.faults.len(), 1);
        assert_eq!(
            mended(text, &settings.faults[0]),
            "[alembic]\nfile_template = %%(year)d_%%(rev)s_%%(slug)s\n"
        );
    }

    #[test]
    fn a_percent_sign_in_the_url_is_no_concern_but_in_a_hook_it_is() {
        let settings = read(
            "[alembic]\nsqlalchemy.url = p%w\n[post_write_hooks]\nblack.options = -l %d\n",
            "",
        );
        assert_eq!(settings.faults.len(), 1);
        assert!(settings.faults[0].message.contains("`black.options`"), "{:?}", settings.faults);
    }

    #[test]
    fn a_slug_length_is_what_int_takes() {
        for (text, length) in
            [("40", Some(40)), (" +1_0 ", Some(10)), ("1__0", None), ("", None), ("-", None)]
        {
            assert_eq!(python_int(text), length, "{text:?}");
        }
        let settings = read("[alembic]\ntruncate_slug_length = 20 ; short\n", "");
        assert_eq!(settings.truncate_slug_length, 20);
        assert!(settings.faults[0].fix.is_some());
    }

    #[test]
    fn lines_and_empty_items_are_not_silently_lost() {
        let settings = read("[alembic]\nversion_locations =\n  a\n  b\n", "");
        let locations: Vec<&str> =
            settings.version_locations.iter().map(|found| found.value.as_str()).collect();
        assert_eq!(locations, ["a", "b"]);
        assert_eq!(settings.faults.len(), 1);
        let settings = read("[alembic]\nversion_locations = a , b\n", "");
        assert_eq!(settings.version_locations.len(), 2);
        assert!(settings.faults[0].message.starts_with("an empty item"));
    }

    #[test]
    fn no_value_makes_it_panic_or_point_beside_the_text() {
        const KEYS: [&str; 10] = [
            "script_location",
            "version_locations",
            "path_separator",
            "version_path_separator",
            "prepend_sys_path",
            "recursive_version_locations",
            "file_template",
            "truncate_slug_length",
            "timezone",
            "revision_environment",
        ];
        const VALUES: [&str; 14] = [
            "",
            "ä\u{a0}# ö",
            "%",
            "%(ü)s",
            "os\u{3000};",
            "true\t#",
            "\n ä:b\r\n  # c\n d,\u{1f}e",
            ",",
            " , ,",
            ":",
            "\n\n  x",
            "[1, 'a', {}, 1.5]",
            "'a b'",
            "1979-05-27",
        ];
        for (shift, first) in VALUES.iter().enumerate() {
            for second in VALUES {
                let lines = KEYS.iter().enumerate().map(|(index, key)| {
                    let value = if index % 2 == shift % 2 { first } else { second };
                    format!("{key} = {value}\n")
                });
                let lines: String = lines.collect();
                let (ini, toml) =
                    (format!("[alembic]\n{lines}"), format!("[tool.alembic]\n{lines}"));
                for (settings, text) in [(read(&ini, ""), &ini), (read("", &toml), &toml)] {
                    for fault in settings.faults {
                        let span = fault.place.span;
                        assert!(text.get(span.start as usize..span.end as usize).is_some());
                    }
                }
            }
        }
    }
}
