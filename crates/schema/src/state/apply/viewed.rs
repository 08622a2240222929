//! Columns that views read: PostgreSQL neither drops them nor changes their type.

use python::Name;
use sql::{Dialect, ObjectName};

use super::{Done, Fault, Run};
use crate::state::expression::{Token, tokens};
use crate::state::fault::{Dependent, ObjectKind};

/// Words after which a name is a column.
const BEFORE: [&str; 14] = [
    "and", "by", "case", "distinct", "else", "having", "not", "on", "or", "over", "select", "then",
    "when", "where",
];
/// Signs after which it is one.
const SIGNS: [&str; 12] = [",", "(", ".", "=", "<", ">", "<=", ">=", "<>", "+", "-", "||"];
/// Words that follow a column; any other word may be its type, or another name for it.
const AFTER: [&str; 18] = [
    "and", "as", "asc", "between", "desc", "else", "end", "from", "group", "ilike", "in", "is",
    "like", "limit", "not", "or", "order", "then",
];

impl Run<'_> {
    /// A view keeps the columns that it reads, or with `CASCADE` goes with them.
    pub(super) fn check_not_viewed(
        &mut self,
        key: &ObjectName,
        column: &Name,
        cascade: bool,
    ) -> Done {
        while let Some(view) = self.view_of(key, column) {
            if !cascade {
                return Err(Box::new(Fault::Depended {
                    kind: ObjectKind::Column,
                    name: self.schema.tables[key].name.clone(),
                    part: Some(column.clone()),
                    by: Dependent::View(view),
                }));
            }
            self.remove_view(&view)?;
        }
        Ok(())
    }

    /// A view keeps their types too, be the new one the same.
    pub(super) fn check_type_not_viewed(&self, key: &ObjectName, at: Option<usize>) -> Done {
        let table = &self.schema.tables[key];
        let column = at.and_then(|at| table.columns.get(at)).map(|column| column.name.clone());
        let Some(column) = column else { return Ok(()) };
        let Some(view) = self.view_of(key, &column) else { return Ok(()) };
        Err(Box::new(Fault::Viewed { table: table.name.clone(), column, view }))
    }

    /// The first view by name that surely reads a column: its query names no other table, and the column in a
    /// place where only a column stands.
    fn view_of(&self, key: &ObjectName, column: &Name) -> Option<ObjectName> {
        // The name of the table stands in the query too.
        if self.schema.dialect != Dialect::PostgreSql || *column == key.name {
            return None;
        }
        let made = self.schema.tables.get(key)?.column(column)?.made;
        self.schema.views_on(key).into_iter().find(|name| {
            self.schema.views.get(name).is_some_and(|view| {
                view.doubt.is_none()
                    && made < view.made
                    && view.depends_on.as_slice() == [key.clone()]
                    && reads_column(&view.text, column)
            })
        })
    }
}

/// Whether a query of one table surely reads a column: the name stands in it, and only where a column does.
fn reads_column(text: &str, column: &str) -> bool {
    let Some(tokens) = tokens(text) else { return false };
    let tokens: Vec<&Token> = tokens.iter().map(|(token, _)| token).collect();
    let is_word =
        |token: &Token, wanted: &str| matches!(token, Token::Word(word) if word == wanted);
    let Some(first) = tokens.iter().position(|token| is_word(token, "select")) else {
        return false;
    };
    // What `WITH` defines may be called so.
    if tokens.iter().any(|token| is_word(token, "with")) {
        return false;
    }
    let mut places = (first + 1..tokens.len()).filter(|&at| is_name(tokens[at], column)).peekable();
    places.peek().is_some()
        && places.all(|at| {
            is_before(tokens[at - 1]) && tokens.get(at + 1).is_none_or(|after| is_after(after))
        })
}

fn is_name(token: &Token, column: &str) -> bool {
    matches!(token, Token::Word(name) | Token::Quoted(name) if name == column)
}

fn is_before(token: &Token) -> bool {
    match token {
        Token::Word(word) => BEFORE.contains(&word.as_str()),
        Token::Symbol(symbol) => SIGNS.contains(&symbol.as_str()),
        _ => false,
    }
}

fn is_after(token: &Token) -> bool {
    match token {
        Token::Word(word) => AFTER.contains(&word.as_str()),
        Token::Symbol(symbol) => symbol != "(" && symbol != ".",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_told_from_other_names() {
        let names = |query: &str| reads_column(&format!("CREATE VIEW v AS {query};"), "slug");
        assert!(names("SELECT id, slug FROM posts"));
        assert!(names("SELECT p.slug AS x FROM posts p"));
        assert!(names("SELECT lower(slug) FROM posts"));
        assert!(names("SELECT id FROM posts WHERE slug = 'a'"));
        assert!(names("SELECT id FROM posts WHERE lower(slug) <> ''"));
        assert!(reads_column("CREATE VIEW v AS SELECT id FROM posts ORDER BY slug", "slug"));
        assert!(!reads_column("CREATE VIEW v (slug) AS SELECT id FROM posts", "slug"));
        assert!(!reads_column("CREATE VIEW slug AS SELECT id FROM posts", "slug"));
        assert!(!names("SELECT id AS slug FROM posts ORDER BY slug"));
        assert!(!names("SELECT q.slug FROM (SELECT id slug FROM posts) q"));
        assert!(!names("SELECT id FROM posts"));
        assert!(!names("SELECT id AS slug FROM posts"));
        assert!(!names("SELECT id slug FROM posts"));
        assert!(!names("SELECT id FROM slug"));
        assert!(!names("SELECT slug(id) FROM posts"));
        assert!(!names("SELECT 'slug' FROM posts"));
        assert!(!names("SELECT q.slug FROM (SELECT id AS slug FROM posts) q"));
        assert!(!names("SELECT r.x FROM posts, json_to_record(body) AS r(x int, slug text)"));
        assert!(!names("WITH slug AS (SELECT 1) SELECT slug FROM posts"));
    }
}
