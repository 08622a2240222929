//! Strings of Python.

/// A string as Python writes it.
pub(super) fn quoted(text: &str, quote: char) -> String {
    let is_safe = |quote: char| !text.contains(quote);
    let quote = if is_safe(quote) {
        quote
    } else {
        ['"', '\''].into_iter().find(|&other| is_safe(other)).unwrap_or(quote)
    };
    let mut written = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            letter if letter == quote => {
                written.push('\\');
                written.push(letter);
            }
            letter if letter.is_control() => {
                written.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => written.push(letter),
        }
    }
    written.push(quote);
    written
}

/// SQL as `text()` takes it: what it would take for a parameter is escaped.
pub(super) fn escaped(sql: &str) -> String {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut written = String::with_capacity(sql.len());
    let mut before = None;
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_free = !before.is_some_and(|one: char| is_word(one) || one == ':' || one == '\\');
        let is_parameter = letter == ':' && is_free && letters.peek().copied().is_some_and(is_word);
        if is_parameter {
            written.push('\\');
        }
        written.push(letter);
        before = Some(letter);
    }
    written
}

/// SQL on one line: white space outside of quotes becomes one blank. A text with comments or with
/// quotes of other kinds stays as it is.
pub(super) fn collapsed(sql: &str) -> String {
    if ["--", "/*", "$", "#"].iter().any(|sign| sql.contains(sign)) {
        return sql.trim().to_owned();
    }
    let mut written = String::with_capacity(sql.len());
    let mut quote = None;
    for letter in sql.trim().chars() {
        match quote {
            None if letter.is_whitespace() => {
                if !written.ends_with([' ', '(']) {
                    written.push(' ');
                }
                continue;
            }
            None if matches!(letter, '\'' | '"' | '`') => quote = Some(letter),
            Some(one) if one == letter => quote = None,
            _ => {}
        }
        if letter == ')' && quote.is_none() && written.ends_with(' ') {
            written.pop();
        }
        written.push(letter);
    }
    written
}

/// The text of a plain SQL string, `'open'`; `None` of any other expression.
pub(super) fn plain_string(sql: &str) -> Option<&str> {
    let inner = sql.strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.contains(['\'', '\\', '%', ':'])).then_some(inner)
}

/// Whether an expression is one call of a function, which an index takes without parentheses.
pub(super) fn is_call(sql: &str) -> bool {
    let Some(open) = sql.find('(') else { return false };
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    if open == 0 || !sql[..open].chars().all(is_name) || !sql.ends_with(')') {
        return false;
    }
    let mut depth = 0_i32;
    let mut quote = None;
    for (at, letter) in sql.char_indices() {
        match (quote, letter) {
            (Some(one), _) if one == letter => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 && at + 1 < sql.len() {
                    return false;
                }
            }
            _ => {}
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_take_the_quote_that_needs_no_escape() {
        assert_eq!(quoted("a", '\''), "'a'");
        assert_eq!(quoted("it's", '\''), "\"it's\"");
        assert_eq!(quoted("'\"", '"'), "\"'\\\"\"");
        assert_eq!(quoted("a\\b\nc", '"'), "\"a\\\\b\\nc\"");
    }

    #[test]
    fn what_text_takes_for_a_parameter_is_escaped() {
        assert_eq!(escaped("a::text = ' :b' and c = 'x:y'"), "a::text = ' \\:b' and c = 'x:y'");
    }

    #[test]
    fn a_statement_is_put_on_one_line() {
        let sql = "\nCREATE TABLE a (\n\tb TEXT DEFAULT 'x\n  y', \n\tc INTEGER\n)\n";
        assert_eq!(collapsed(sql), "CREATE TABLE a (b TEXT DEFAULT 'x\n  y', c INTEGER)");
    }

    #[test]
    fn one_call_needs_no_parentheses() {
        assert!(is_call("lower(email)") && is_call("coalesce(a, ')')"));
        assert!(!is_call("lower(a) || lower(b)") && !is_call("(a)") && !is_call("a"));
    }
}
