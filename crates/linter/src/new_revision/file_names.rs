//! Names of revision files, as Alembic makes them.

use project::Environment;

use super::create_date::CreateDate;

/// The message within a file name: its words joined by `_`, in lower case, cut at a word where it
/// is longer than `most` characters.
fn slug(message: &str, most: usize) -> String {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let words: Vec<&str> =
        message.split(|character| !is_word(character)).filter(|word| !word.is_empty()).collect();
    let slug = words.join("_").to_lowercase();
    let Some((cut, _)) = slug.char_indices().nth(most) else { return slug };
    let kept = &slug[..cut];
    format!("{}_", kept.rsplit_once('_').map_or(kept, |(before, _)| before))
}

/// The name, without folders, that the template of the environment gives a revision file; `None`
/// where it needs a date that is not known, or is not a template that Alembic would take.
pub(crate) fn file_name(
    environment: &Environment,
    id: &str,
    message: &str,
    date: Option<CreateDate>,
) -> Option<String> {
    let slug = slug(message, environment.truncate_slug_length);
    let name = render(&environment.file_template, id, &slug, date)?;
    let name = name.rsplit('/').next().unwrap_or_default();
    (!name.is_empty()).then(|| format!("{name}.py"))
}

/// Whether a file is named as the template says, but for the length of the message within it:
/// `truncate_slug_length` changes over the years, and so do messages at their end. `None` as in
/// [`file_name`].
pub(crate) fn is_named(
    environment: &Environment,
    name: &str,
    id: &str,
    message: &str,
    date: Option<CreateDate>,
) -> Option<bool> {
    const SLUG: &str = "\0";
    let pattern = render(&environment.file_template, id, SLUG, date)?;
    let pattern = pattern.rsplit('/').next().unwrap_or_default();
    let stem = name.strip_suffix(".py").unwrap_or(name);
    let Some((before, after)) = pattern.split_once(SLUG) else { return Some(pattern == stem) };
    let found = stem.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    let Some(found) = found else { return Some(false) };
    let (found, whole) = (found.trim_end_matches('_').to_lowercase(), slug(message, usize::MAX));
    Some(whole.starts_with(&found) || found.starts_with(&whole))
}

/// The revision file that `alembic revision` would write without any configuration.
pub(super) fn default_file_name(id: &str, message: &str) -> String {
    format!("{id}_{}.py", slug(message, project::DEFAULT_SLUG_LENGTH))
}

/// Python's `template % tokens`.
fn render(template: &str, id: &str, slug: &str, date: Option<CreateDate>) -> Option<String> {
    let mut name = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        name.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            name.push('%');
            rest = after;
            continue;
        }
        let (token, after) = rest.strip_prefix('(')?.split_once(')')?;
        let conversion = after.find(|character: char| character.is_ascii_alphabetic())?;
        let format = &after[..conversion];
        let number = |value: u32| number(value, format);
        name.push_str(&match token {
            "rev" => id.to_owned(),
            "slug" => slug.to_owned(),
            "epoch" => date?.epoch?.to_string(),
            "year" => number(date?.year)?,
            "month" => number(date?.month)?,
            "day" => number(date?.day)?,
            "hour" => number(date?.hour)?,
            "minute" => number(date?.minute)?,
            "second" => number(date?.second)?,
            _ => return None,
        });
        rest = &after[conversion + 1..];
    }
    name.push_str(rest);
    Some(name)
}

/// `%d` with a width or a precision, both of which fill up with zeros here.
fn number(value: u32, format: &str) -> Option<String> {
    let digits = format.strip_prefix('.').or_else(|| format.strip_prefix('0')).unwrap_or(format);
    if digits.is_empty() {
        return Some(value.to_string());
    }
    let width: usize = digits.parse().ok().filter(|&width| width < 20)?;
    let is_blank_filled = digits == format;
    Some(if is_blank_filled { format!("{value:>width$}") } else { format!("{value:0width$}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_cut_as_alembic_cuts_it() {
        assert_eq!(slug("Keep the provider's reference", 40), "keep_the_provider_s_reference");
        assert_eq!(slug("block members and allow longer names here", 20), "block_members_and_");
        assert_eq!(slug("one_word_only", 3), "one_");
        assert_eq!(slug("verylongword", 4), "very_");
        assert_eq!(slug("", 40), "");
    }

    #[test]
    fn a_template_is_filled_as_python_fills_it() {
        let date = CreateDate {
            year: 2026,
            month: 2,
            day: 9,
            hour: 9,
            minute: 24,
            second: 1,
            epoch: None,
        };
        let template = "%(year)d_%(month).2d_%(day)02d_%(hour).2d%(minute).2d-%(rev)s_%(slug)s";
        let name = render(template, "ab12", "x", Some(date));
        assert_eq!(name.as_deref(), Some("2026_02_09_0924-ab12_x"));
        assert_eq!(render(template, "ab12", "x", None), None);
        assert_eq!(render("%(rev)s_100%%", "ab12", "x", None).as_deref(), Some("ab12_100%"));
        assert_eq!(render("%(epoch)s", "ab12", "x", None), None);
        assert_eq!(render("%", "ab12", "x", None), None);
    }
}
