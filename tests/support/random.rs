//! Statements made of random numbers and of what is there.

use schema::state::{Schema, Table};

/// Numbers that one statement is made of.
pub(crate) type Choices = [u16; 12];

const TYPES: [(&str, &str); 11] = [
    ("INTEGER", "7"),
    ("INTEGER", "-3"),
    ("BIGINT", "0"),
    ("TEXT", "'it''s'"),
    ("VARCHAR(20)", "'x'"),
    ("BOOLEAN", "true"),
    ("TIMESTAMP", "now()"),
    ("DATE", "CURRENT_DATE"),
    ("UUID", "gen_random_uuid()"),
    ("e1", "'a'"),
    ("e2", "'b'"),
];
const COLUMNS: [&str; 7] = [
    "a",
    "b",
    "c",
    "d",
    "\"Mixed\"",
    "\"order\"",
    "zweiundsechzig_zeichen_lang_ist_dieser_name_einer_spalte_xyzabc",
];
const TABLES: [&str; 5] =
    ["t", "u", "v", "\"Big\"", "a_table_whose_name_is_long_enough_that_names_made_of_it_are_cut"];
const NAMES: [&str; 6] = ["n1", "n2", "n3", "t_a_key", "t_pkey", "t_a_idx"];

/// Makes the SQL of one statement.
pub(crate) struct Maker<'a> {
    schema: &'a Schema,
    choices: Choices,
    at: usize,
}

/// The statement that these choices make where this is the schema.
pub(crate) fn statement(schema: &Schema, choices: Choices) -> String {
    Maker { schema, choices, at: 1 }.statement(choices[0])
}

impl Maker<'_> {
    fn next(&mut self) -> usize {
        let choice = self.choices[self.at % self.choices.len()];
        self.at += 1;
        usize::from(choice) / self.at.max(1) + self.at * 7
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.next().is_multiple_of(count)
    }

    fn pick<'b>(&mut self, from: &[&'b str]) -> &'b str {
        from[self.next() % from.len()]
    }

    fn statement(&mut self, kind: u16) -> String {
        match kind % 40 {
            0..=5 => self.create_table(),
            6 => format!("DROP TABLE {}{}{}", self.if_exists(), self.table(), self.cascade()),
            7..=9 => self.create_index(),
            10 => format!("DROP INDEX {}{}{}", self.if_exists(), self.index(), self.cascade()),
            11 => format!("ALTER INDEX {} RENAME TO {}", self.index(), self.pick(&NAMES)),
            12 | 13 => format!("ALTER TABLE {} RENAME TO {}", self.table(), self.pick(&TABLES)),
            14 | 15 => {
                let table = self.table();
                let column = self.column(&table);
                format!("ALTER TABLE {table} RENAME COLUMN {column} TO {}", self.pick(&COLUMNS))
            }
            16 => self.create_type(),
            17 => format!("DROP TYPE {}{}", self.user_type(), self.cascade()),
            18 => {
                let name = self.user_type();
                let action = self.pick(&[
                    "ADD VALUE 'n'",
                    "ADD VALUE 'm' BEFORE 'b'",
                    "ADD VALUE 'o' AFTER 'n'",
                    "RENAME VALUE 'a' TO 'z'",
                    "RENAME TO e1",
                    "RENAME TO e2",
                ]);
                format!("ALTER TYPE {name} {action}")
            }
            19 => {
                let table = self.table();
                let column = self.column(&table);
                self.pick_owned(&[
                    format!("COMMENT ON TABLE {table} IS 'x'"),
                    format!("COMMENT ON COLUMN {table}.{column} IS 'y'"),
                ])
            }
            20 => {
                let table = self.table();
                let constraint = self.constraint(&table);
                format!(
                    "ALTER TABLE {table} RENAME CONSTRAINT {constraint} TO {}",
                    self.pick(&NAMES)
                )
            }
            21 => {
                let table = self.table();
                self.pick_owned(&[
                    format!("CREATE VIEW w AS SELECT 1 AS one FROM {table}"),
                    format!("CREATE OR REPLACE VIEW w AS SELECT 1 AS one FROM {table}"),
                    "DROP VIEW w".to_owned(),
                    "CREATE SCHEMA s".to_owned(),
                    format!("ALTER TABLE {table} SET SCHEMA s"),
                    "CREATE SEQUENCE t_a_seq".to_owned(),
                ])
            }
            _ => self.alter_table(),
        }
    }

    fn pick_owned(&mut self, from: &[String]) -> String {
        from[self.next() % from.len()].clone()
    }

    fn if_exists(&mut self) -> &'static str {
        if self.one_in(4) { "IF EXISTS " } else { "" }
    }

    fn cascade(&mut self) -> &'static str {
        if self.one_in(3) { " CASCADE" } else { "" }
    }

    /// Mostly a table that is there.
    fn table(&mut self) -> String {
        let tables = self.schema.tables();
        if tables.is_empty() || self.one_in(12) {
            return self.pick(&TABLES).to_owned();
        }
        let name = &tables[self.next() % tables.len()].name;
        let table = quoted(&name.name);
        name.schema.as_ref().map_or(table.clone(), |schema| format!("{schema}.{table}"))
    }

    fn found(&self, table: &str) -> Option<&Table> {
        let tables = self.schema.tables();
        tables.into_iter().map(AsRef::as_ref).find(|one| {
            let name = quoted(&one.name.name);
            name == table || table.ends_with(&format!(".{name}"))
        })
    }

    fn column(&mut self, table: &str) -> String {
        let count = self.found(table).map_or(0, |table| table.columns.len());
        if count == 0 || self.one_in(12) {
            return self.pick(&COLUMNS).to_owned();
        }
        let at = self.next() % count;
        self.found(table).map(|table| quoted(&table.columns[at].name)).unwrap_or_default()
    }

    fn columns(&mut self, table: &str) -> String {
        let first = self.column(table);
        if self.one_in(2) {
            return first;
        }
        let second = self.column(table);
        if first == second { first } else { format!("{first}, {second}") }
    }

    fn constraint(&mut self, table: &str) -> String {
        let count = self.found(table).map_or(0, |table| table.constraints.len());
        if count == 0 || self.one_in(12) {
            return self.pick(&NAMES).to_owned();
        }
        let at = self.next() % count;
        let name = self.found(table).and_then(|table| table.constraints[at].name.clone());
        quoted(&name.unwrap_or_default())
    }

    fn index(&mut self) -> String {
        let table = self.table();
        let names: Vec<String> = self
            .found(&table)
            .map(|table| {
                table.indexes.iter().filter_map(|index| index.name.as_deref()).map(quoted).collect()
            })
            .unwrap_or_default();
        if names.is_empty() {
            return self.pick(&NAMES).to_owned();
        }
        let schema = table.rsplit_once('.').map(|(schema, _)| format!("{schema}."));
        format!("{}{}", schema.unwrap_or_default(), names[self.next() % names.len()])
    }

    fn user_type(&mut self) -> String {
        let types = self.schema.types();
        if types.is_empty() || self.one_in(6) {
            return self.pick(&["e1", "e2"]).to_owned();
        }
        quoted(&types[self.next() % types.len()].name.name)
    }

    fn create_type(&mut self) -> String {
        let name = self.pick(&["e1", "e2", "e1", "t"]);
        let labels = self.pick(&["'a', 'b'", "'b'", "'a', 'b', 'c'"]);
        format!("CREATE TYPE {name} AS ENUM ({labels})")
    }

    fn create_table(&mut self) -> String {
        let name = self.pick(&TABLES);
        let mut parts = Vec::new();
        let count = 1 + self.next() % 4;
        let start = self.next();
        let columns: Vec<&str> =
            (0..count).map(|at| COLUMNS[(start + at) % COLUMNS.len()]).collect();
        for column in &columns {
            parts.push(self.definition(name, column));
        }
        let pair =
            if count > 1 { format!("{}, {}", columns[0], columns[1]) } else { columns[0].into() };
        match self.next() % 8 {
            0 => parts.push(format!("PRIMARY KEY ({pair})")),
            1 => parts.push(format!("CONSTRAINT n1 UNIQUE ({pair})")),
            2 => parts.push(format!("UNIQUE ({pair})")),
            3 => parts
                .push(format!("CHECK ({} IS NOT NULL)", pair.replace(", ", " IS NOT NULL OR "))),
            4 => {
                let key = self.foreign_key(name, columns[0]);
                parts.push(key);
            }
            _ => {}
        }
        let if_not = if self.one_in(8) { "IF NOT EXISTS " } else { "" };
        format!("CREATE TABLE {if_not}{name} ({})", parts.join(", "))
    }

    fn foreign_key(&mut self, _own: &str, column: &str) -> String {
        let table = self.table();
        let named = if self.one_in(3) {
            format!("CONSTRAINT {} ", self.pick(&NAMES))
        } else {
            String::new()
        };
        let target =
            if self.one_in(2) { format!(" ({})", self.column(&table)) } else { String::new() };
        let action = self.pick(&["", " ON DELETE CASCADE", " ON UPDATE SET NULL", " NOT VALID"]);
        let action = if action == " NOT VALID" { "" } else { action };
        format!("{named}FOREIGN KEY ({column}) REFERENCES {table}{target}{action}")
    }

    fn definition(&mut self, table: &str, column: &str) -> String {
        if self.one_in(9) {
            let serial =
                self.pick(&["SERIAL", "BIGSERIAL", "INTEGER GENERATED ALWAYS AS IDENTITY"]);
            return format!("{column} {serial}");
        }
        let (sql_type, default) = TYPES[self.next() % TYPES.len()];
        let mut text = format!("{column} {sql_type}");
        if self.one_in(3) {
            text.push_str(&format!(" DEFAULT {default}"));
        }
        if self.one_in(3) {
            text.push_str(" NOT NULL");
        }
        match self.next() % 12 {
            0 | 1 => text.push_str(" PRIMARY KEY"),
            2 => text.push_str(" UNIQUE"),
            3 => text.push_str(&format!(" CHECK ({column} IS NOT NULL)")),
            4 => {
                let other = if self.one_in(3) { table.to_owned() } else { self.table() };
                text.push_str(&format!(" REFERENCES {other}"));
            }
            _ => {}
        }
        text
    }

    fn create_index(&mut self) -> String {
        let table = self.table();
        let columns = self.columns(&table);
        let first = columns.split(", ").next().unwrap_or_default().to_owned();
        let unique = if self.one_in(3) { "UNIQUE " } else { "" };
        let name = if self.one_in(2) { format!("{} ", self.pick(&NAMES)) } else { String::new() };
        let if_not = if !name.is_empty() && self.one_in(6) { "IF NOT EXISTS " } else { "" };
        let parts = match self.next() % 6 {
            0 => format!("({first} IS NULL)"),
            1 => format!("coalesce({first}, {first}), {first}"),
            _ => columns,
        };
        let rest = match self.next() % 8 {
            0 => format!(" WHERE {first} IS NOT NULL"),
            1 => format!(" INCLUDE ({})", self.column(&table)),
            _ => String::new(),
        };
        format!("CREATE {unique}INDEX {if_not}{name}ON {table} ({parts}){rest}")
    }

    fn alter_table(&mut self) -> String {
        let table = self.table();
        let mut actions = vec![self.action(&table)];
        if self.one_in(6) {
            actions.push(self.action(&table));
        }
        format!("ALTER TABLE {table} {}", actions.join(", "))
    }

    fn action(&mut self, table: &str) -> String {
        let column = self.column(table);
        let named = if self.one_in(2) {
            format!("CONSTRAINT {} ", self.pick(&NAMES))
        } else {
            String::new()
        };
        match self.next() % 16 {
            0 | 1 => {
                let column = self.pick(&COLUMNS);
                let if_not = if self.one_in(6) { "IF NOT EXISTS " } else { "" };
                format!("ADD COLUMN {if_not}{}", self.definition(table, column))
            }
            2 | 3 => format!("DROP COLUMN {}{column}{}", self.if_exists(), self.cascade()),
            4 => format!("ADD {named}UNIQUE ({})", self.columns(table)),
            5 => format!("ADD {named}PRIMARY KEY ({})", self.columns(table)),
            6 | 7 => format!("ADD {}", self.foreign_key(table, &column)),
            8 => format!("ADD {named}CHECK ({column} IS NOT NULL)"),
            9 | 10 => {
                let constraint = self.constraint(table);
                format!("DROP CONSTRAINT {}{constraint}{}", self.if_exists(), self.cascade())
            }
            11 => format!("ALTER COLUMN {column} SET NOT NULL"),
            12 => format!("ALTER COLUMN {column} DROP NOT NULL"),
            13 => format!("ALTER COLUMN {column} DROP DEFAULT"),
            14 => {
                let (sql_type, _) = TYPES[self.next() % TYPES.len()];
                format!("ALTER COLUMN {column} TYPE {sql_type}")
            }
            _ => format!("ADD {named}UNIQUE USING INDEX {}", self.pick(&NAMES)),
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
