//! The table names that extensions generate from class names.

/// The name that `Flask-SQLAlchemy` 3.1 generates: `camel_to_snake_case` of its `model.py`, the
/// pattern `((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))` replaced by `_\1`, lower-cased, leading
/// underscores removed.
pub(crate) fn flask(class: &str) -> String {
    let mut name = String::with_capacity(class.len() + 8);
    let mut before = None::<char>;
    let mut characters = class.chars().peekable();
    while let Some(character) = characters.next() {
        let after_small =
            before.is_some_and(|before| before.is_ascii_lowercase() || before.is_ascii_digit());
        let before_small = characters.peek().is_some_and(char::is_ascii_lowercase);
        if character.is_ascii_uppercase() && (after_small || before.is_some() && before_small) {
            name.push('_');
        }
        name.push(character);
        before = Some(character);
    }
    name.to_lowercase().trim_start_matches('_').to_owned()
}

/// The name that `SQLModel` generates.
pub(crate) fn sqlmodel(class: &str) -> String {
    class.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_names_are_those_of_its_pattern() {
        // Each pair is what `camel_to_snake_case` of Flask-SQLAlchemy 3.1.1 returns.
        for (class, name) in [
            ("HTTPServer", "http_server"),
            ("APIKey", "api_key"),
            ("OAuth2Token", "o_auth2_token"),
            ("Foo3DBar", "foo3_d_bar"),
            ("My_Model", "my__model"),
            ("User", "user"),
        ] {
            assert_eq!(flask(class), name);
        }
    }
}
