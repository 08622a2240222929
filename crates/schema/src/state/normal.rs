//! A normal form of expressions, in which what PostgreSQL prints equals what was written.

mod form;

use std::ops::Range;

use sql::Dialect;

use super::expression::{Token, tokens};
use form::{Expression, any_of, constant, number_form};

/// How deep an expression may nest.
const DEEPEST: usize = 60;
/// How many bytes an expression may have.
const LONGEST: usize = 20_000;

/// The normal form of an expression: casts are dropped, parentheses are where the grammar has them,
/// `IN`, `BETWEEN`, `LIKE` and their like are as PostgreSQL prints them. Two expressions with the
/// same form are taken to be the same; `None` is an expression that is not comparable.
pub fn normalise(dialect: Dialect, text: &str) -> Option<String> {
    Some(written(&read(dialect, text)?))
}

/// The normal forms of what has to hold all together: the parts between `AND`, or the whole expression.
pub fn conjuncts(dialect: Dialect, text: &str) -> Option<Vec<String>> {
    Some(match read(dialect, text)? {
        Expression::Many("and", parts) => parts.iter().map(written).collect(),
        one => vec![written(&one)],
    })
}

fn read(dialect: Dialect, text: &str) -> Option<Expression> {
    if text.len() > LONGEST {
        return None;
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, dialect };
    let expression = parser.expression(0)?;
    (parser.at == tokens.len()).then_some(expression)
}

fn written(expression: &Expression) -> String {
    let mut form = String::new();
    expression.write(&mut form);
    form
}

/// Reads by precedence.
struct Parser<'a> {
    tokens: &'a [(Token, Range<usize>)],
    at: usize,
    depth: usize,
    dialect: Dialect,
}

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const IS: u8 = 4;
const COMPARISON: u8 = 5;
const RANGE: u8 = 6;
const OPERATOR: u8 = 7;
const SUM: u8 = 8;
const PRODUCT: u8 = 9;
const POWER: u8 = 10;
const AT: u8 = 11;
const SIGN: u8 = 12;
const CAST: u8 = 13;

impl Parser<'_> {
    fn expression(&mut self, least: u8) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut left = self.operand()?;
        while self.power().is_some_and(|power| power >= least) {
            left = self.infix(&left)?;
        }
        self.depth -= 1;
        Some(left)
    }

    /// How closely what comes next binds to its left operand; `None` where nothing does.
    fn power(&self) -> Option<u8> {
        match self.peek()? {
            Token::Word(word) => match word.as_str() {
                "or" => Some(OR),
                "and" => Some(AND),
                "is" | "isnull" | "notnull" => Some(IS),
                "not" | "in" | "like" | "ilike" | "between" => Some(RANGE),
                "at" => Some(AT),
                "collate" => Some(CAST),
                _ => None,
            },
            Token::Symbol(symbol) => match symbol.as_str() {
                "=" | "<" | ">" | "<=" | ">=" | "<>" | "!=" => Some(COMPARISON),
                "+" | "-" => Some(SUM),
                "*" | "/" | "%" => Some(PRODUCT),
                "^" => Some(POWER),
                "::" => Some(CAST),
                "(" | ")" | "[" | "]" | "," | ";" | "." => None,
                _ => Some(OPERATOR),
            },
            _ => None,
        }
    }

    /// What follows a left operand.
    fn infix(&mut self, left: &Expression) -> Option<Expression> {
        match self.peek()?.clone() {
            Token::Word(word) => match word.as_str() {
                "or" => self.listed("or", OR, left),
                "and" => self.listed("and", AND, left),
                "is" => self.is_test(left),
                "isnull" | "notnull" => {
                    self.at += 1;
                    let name = if word == "isnull" { "is null" } else { "is not null" };
                    Some(Expression::Prefix(name.to_owned(), Box::new(left.clone())))
                }
                "at" => self.zone(left),
                "collate" => {
                    self.at += 2;
                    Some(left.clone())
                }
                _ => self.range(left),
            },
            Token::Symbol(symbol) => self.operator(left, &symbol),
            _ => None,
        }
    }

    fn operator(&mut self, left: &Expression, symbol: &str) -> Option<Expression> {
        let power = self.power()?;
        self.at += 1;
        if symbol == "::" {
            return self.type_name().map(|()| left.clone());
        }
        let operator = if symbol == "!=" { "<>" } else { symbol };
        if let Some(Token::Word(word)) = self.peek()
            && (word == "any" || word == "some" || word == "all")
        {
            let word = if word == "all" { "all" } else { "any" };
            self.at += 1;
            return self.over_list(left.clone(), operator, word);
        }
        let right = self.expression(power + 1)?;
        Some(Expression::binary(operator, left.clone(), right))
    }

    /// `= ANY (ARRAY[…])`
    fn over_list(
        &mut self,
        left: Expression,
        operator: &str,
        word: &'static str,
    ) -> Option<Expression> {
        self.symbol("(")?;
        let right = self.expression(0)?;
        self.symbol(")")?;
        match right {
            Expression::Call(name, items) if name == "array" => {
                Some(any_of(left, operator, word, items))
            }
            other => Some(Expression::binary(&format!("{operator} {word}"), left, other)),
        }
    }

    fn listed(&mut self, word: &'static str, power: u8, left: &Expression) -> Option<Expression> {
        self.at += 1;
        let right = self.expression(power + 1)?;
        Some(Expression::many(word, [left.clone(), right]))
    }

    fn is_test(&mut self, left: &Expression) -> Option<Expression> {
        self.at += 1;
        let not = if self.word("not").is_some() { "not " } else { "" };
        if self.word("distinct").is_some() {
            self.word("from")?;
            let right = self.expression(COMPARISON)?;
            return Some(Expression::binary(
                &format!("is {not}distinct from"),
                left.clone(),
                right,
            ));
        }
        let Some(Token::Word(word)) = self.peek() else {
            return None;
        };
        let name = match word.as_str() {
            "null" | "true" | "false" | "unknown" => format!("is {not}{word}"),
            _ => return None,
        };
        self.at += 1;
        Some(Expression::Prefix(name, Box::new(left.clone())))
    }

    fn range(&mut self, left: &Expression) -> Option<Expression> {
        let is_not = self.word("not").is_some();
        let Some(Token::Word(word)) = self.peek().cloned() else {
            return None;
        };
        self.at += 1;
        let left = left.clone();
        match (word.as_str(), is_not) {
            ("like" | "ilike", _) => {
                let star = if word == "ilike" { "*" } else { "" };
                let bang = if is_not { "!" } else { "" };
                let right = self.expression(OPERATOR)?;
                Some(Expression::binary(&format!("{bang}~~{star}"), left, right))
            }
            ("between", _) => {
                let low = self.expression(OPERATOR)?;
                self.word("and")?;
                let high = self.expression(OPERATOR)?;
                let (first, second, word) =
                    if is_not { ("<", ">", "or") } else { (">=", "<=", "and") };
                let parts = [
                    Expression::binary(first, left.clone(), low),
                    Expression::binary(second, left, high),
                ];
                Some(Expression::many(word, parts))
            }
            ("in", _) => {
                self.symbol("(")?;
                let items = self.list(")")?;
                let (operator, word) = if is_not { ("<>", "all") } else { ("=", "any") };
                Some(any_of(left, operator, word, items))
            }
            _ => None,
        }
    }

    /// `x AT TIME ZONE y` is a function.
    fn zone(&mut self, left: &Expression) -> Option<Expression> {
        self.at += 1;
        self.word("time")?;
        self.word("zone")?;
        let zone = self.expression(SIGN)?;
        Some(Expression::Call("timezone".to_owned(), vec![zone, left.clone()]))
    }

    fn operand(&mut self) -> Option<Expression> {
        let (token, _) = self.tokens.get(self.at)?;
        let token = token.clone();
        self.at += 1;
        match token {
            Token::Text(text) => constant(&text),
            Token::Number(number) => Some(Expression::Constant(number_form(&number))),
            Token::Quoted(name) => self.named(name),
            Token::Symbol(symbol) => match symbol.as_str() {
                "(" => {
                    let inner = self.expression(0)?;
                    self.symbol(")")?;
                    Some(inner)
                }
                "-" => match self.expression(SIGN)? {
                    Expression::Constant(text) if text.bytes().next()?.is_ascii_digit() => {
                        Some(Expression::Constant(format!("-{text}")))
                    }
                    other => Some(Expression::Prefix("-".to_owned(), Box::new(other))),
                },
                "+" => self.expression(SIGN),
                _ => None,
            },
            Token::Word(word) => self.word_operand(word),
        }
    }

    fn word_operand(&mut self, word: String) -> Option<Expression> {
        match word.as_str() {
            "true" | "false" | "null" | "current_date" | "current_time" | "localtime"
            | "localtimestamp" | "current_user" | "session_user" => {
                Some(Expression::Constant(word))
            }
            "not" => {
                let operand = self.expression(NOT)?;
                Some(Expression::Prefix("not".to_owned(), Box::new(operand)))
            }
            "current_timestamp" if self.peek() != Some(&Token::Symbol("(".into())) => {
                Some(Expression::Call("now".to_owned(), Vec::new()))
            }
            "case" => self.case(),
            "cast" => {
                self.symbol("(")?;
                let inner = self.expression(0)?;
                self.word("as")?;
                self.type_name()?;
                self.symbol(")")?;
                Some(inner)
            }
            "array" => {
                self.symbol("[")?;
                let items = self.list("]")?;
                Some(Expression::Call("array".to_owned(), items))
            }
            "extract" => {
                self.symbol("(")?;
                let field = match self.peek()? {
                    Token::Word(word) | Token::Text(word) => word.to_lowercase(),
                    _ => return None,
                };
                self.at += 1;
                self.word("from")?;
                let from = self.expression(0)?;
                self.symbol(")")?;
                Some(Expression::Call(format!("extract {field}"), vec![from]))
            }
            "select" | "exists" | "interval" | "trim" | "position" | "overlay" | "row" => None,
            _ if matches!(self.peek(), Some(Token::Text(_))) => None,
            _ => self.named(word),
        }
    }

    /// A column or a call; what a name is qualified by is left out.
    fn named(&mut self, mut name: String) -> Option<Expression> {
        while self.symbol(".").is_some() {
            name = match self.peek()? {
                Token::Word(word) | Token::Quoted(word) => word.clone(),
                _ => return None,
            };
            self.at += 1;
        }
        if self.dialect != Dialect::PostgreSql {
            name = name.to_lowercase();
        }
        if self.symbol("(").is_some() {
            let arguments = self.list(")")?;
            let name = name.to_lowercase();
            // PostgreSQL has `substring`, and people write both.
            let name = if name == "current_timestamp" { "now".to_owned() } else { name };
            return Some(Expression::Call(name, arguments));
        }
        let mut expression = Expression::Column(name);
        while self.symbol("[").is_some() {
            let index = self.expression(0)?;
            self.symbol("]")?;
            expression = Expression::binary("[]", expression, index);
        }
        Some(expression)
    }

    fn case(&mut self) -> Option<Expression> {
        let mut parts = Vec::new();
        if !matches!(self.peek(), Some(Token::Word(word)) if word == "when") {
            parts.push(self.expression(0)?);
        }
        while self.word("when").is_some() {
            let condition = self.expression(0)?;
            self.word("then")?;
            let value = self.expression(0)?;
            parts.push(Expression::Many("then", vec![condition, value]));
        }
        let otherwise = match self.word("else") {
            Some(()) => self.expression(0)?,
            None => Expression::Constant("null".to_owned()),
        };
        self.word("end")?;
        parts.push(otherwise);
        Some(Expression::Call("case".to_owned(), parts))
    }

    fn list(&mut self, end: &str) -> Option<Vec<Expression>> {
        let mut items = Vec::new();
        if self.symbol(end).is_some() {
            return Some(items);
        }
        loop {
            items.push(self.expression(0)?);
            if self.symbol(end).is_some() {
                return Some(items);
            }
            self.symbol(",")?;
        }
    }

    /// Passes over a type; `None` where constants of it are printed in other words than written.
    fn type_name(&mut self) -> Option<()> {
        let mut has_name = false;
        loop {
            match self.peek() {
                Some(Token::Word(word)) => {
                    let is_tail = ["varying", "precision", "without", "with", "time", "zone"]
                        .contains(&word.as_str());
                    if has_name && !is_tail {
                        return Some(());
                    }
                    has_name = true;
                    self.at += 1;
                }
                Some(Token::Quoted(_)) if !has_name => {
                    has_name = true;
                    self.at += 1;
                }
                Some(Token::Symbol(symbol)) if symbol == "." => {
                    has_name = false;
                    self.at += 1;
                }
                Some(Token::Symbol(symbol)) if has_name && (symbol == "(" || symbol == "[") => {
                    let end = if symbol == "(" { ")" } else { "]" };
                    self.at += 1;
                    self.list(end)?;
                }
                _ => return has_name.then_some(()),
            }
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let is_it = matches!(self.peek(), Some(Token::Word(own)) if own == word);
        self.at += usize::from(is_it);
        is_it.then_some(())
    }

    fn symbol(&mut self, symbol: &str) -> Option<()> {
        let is_it = matches!(self.peek(), Some(Token::Symbol(own)) if own == symbol);
        self.at += usize::from(is_it);
        is_it.then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_same(one: &str, other: &str) -> bool {
        let form = |text| normalise(Dialect::PostgreSql, text);
        form(one).is_some() && form(one) == form(other)
    }

    #[test]
    fn what_is_written_equals_what_is_printed() {
        assert!(is_same(
            "status IN ('a', 'b')",
            "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))"
        ));
        assert!(is_same("now()", "CURRENT_TIMESTAMP"));
        assert!(is_same("'x'", "'x'::character varying"));
        assert!(is_same("a BETWEEN 1 AND 2 AND b", "((a >= 1) AND (a <= 2) AND b)"));
        assert!(is_same("a > -1", "(a > '-1'::integer)"));
    }

    #[test]
    fn what_differs_stays_different() {
        assert!(!is_same("(a OR b) AND c", "a OR b AND c"));
        assert!(!is_same("a IN (1, 2)", "a IN (1, 3)"));
        assert!(!is_same("a - (b - c)", "a - b - c"));
        assert!(!is_same("NOT a = b", "(NOT a) = b"));
        assert!(!is_same("lower(a)", "upper(a)"));
    }

    #[test]
    fn what_is_too_rich_has_no_form() {
        for text in ["a > '2020-01-01'", "(SELECT 1)", "a +", "'x", "interval '1 day'", ""] {
            assert_eq!(normalise(Dialect::PostgreSql, text), None, "{text}");
        }
        let deep = "(".repeat(10_000);
        assert_eq!(normalise(Dialect::PostgreSql, &deep), None);
    }
}
