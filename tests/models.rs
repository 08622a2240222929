//! Model files read by us and imported by real `SQLAlchemy`, `Flask-SQLAlchemy` and `SQLModel`:
//! the same tables, duplicates and reserved attributes.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use diagnostics::{Edit, Encoding, FileId, SourceFile};
use models::{
    ImportedModule, MetaDataKey, ModelFile, Models, ReservedFor, duplicate_table_names,
    reserved_attributes,
};
use python::Module;

/// Cases in which a table has a name that only a run would tell: real tables may be missing here.
const DYNAMIC: [&str; 3] = ["dynamic_init_subclass", "dynamic_metaclass", "dynamic_name"];

/// The files of one case, read.
struct Case {
    name: String,
    sources: Vec<SourceFile>,
    trees: Vec<Module>,
    /// Module names with dots, by index of the file.
    modules: BTreeMap<String, usize>,
}

/// What importing a case does, or would do.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    /// For each `MetaData` the keys of its tables, sorted.
    tables: Vec<BTreeSet<String>>,
    duplicates: BTreeSet<String>,
    reserved: BTreeSet<String>,
    /// For each table its columns, sorted; of Python only.
    columns: BTreeSet<String>,
}

impl Case {
    fn read(folder: &Path) -> Self {
        Self::read_with(folder, true)
    }

    /// Reads what may hold files that are no Python, or another Python's.
    fn read_lenient(folder: &Path) -> Self {
        Self::read_with(folder, false)
    }

    fn read_with(folder: &Path, is_strict: bool) -> Self {
        let mut paths = Vec::new();
        python_files(folder, &mut paths);
        let mut case = Self {
            name: folder.file_name().expect("has a name").to_string_lossy().into_owned(),
            sources: Vec::new(),
            trees: Vec::new(),
            modules: BTreeMap::new(),
        };
        for path in paths {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let parsed = python::parse(&text);
            let is_read = parsed.errors.is_empty() && !text.is_empty();
            assert!(
                is_read || !is_strict || text.is_empty(),
                "{}: {:?}",
                path.display(),
                parsed.errors
            );
            let index = case.sources.len();
            let relative = path.strip_prefix(folder).expect("it is below").with_extension("");
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            let dotted = parts.join(".");
            let module = dotted.strip_suffix(".__init__").unwrap_or(&dotted);
            case.modules.insert(module.to_owned(), index);
            case.trees.push(parsed.module);
            case.sources.push(SourceFile::new(path, text, Encoding::UTF_8));
        }
        case
    }

    fn models(&self) -> Models {
        let files: Vec<ModelFile<'_>> = self
            .sources
            .iter()
            .zip(&self.trees)
            .enumerate()
            .map(|(index, (source, tree))| ModelFile { file: FileId::new(index), source, tree })
            .collect();
        models::read(&files, &|file, module| self.resolve(file, module))
    }

    fn resolve(&self, from: FileId, imported: ImportedModule<'_>) -> Option<FileId> {
        let mut package: Vec<&str> = Vec::new();
        if imported.level > 0 {
            let (name, _) = self.modules.iter().find(|(_, index)| **index == from.index())?;
            package = name.split('.').collect();
            let is_package = self.sources[from.index()].path().ends_with("__init__.py");
            let up = imported.level as usize - usize::from(is_package);
            package.truncate(package.len().checked_sub(up)?);
        }
        package.extend(imported.name.split('.').filter(|part| !part.is_empty()));
        self.modules.get(&package.join(".")).map(|index| FileId::new(*index))
    }
}

impl Outcome {
    fn of(models: &Models) -> Self {
        let mut tables: BTreeMap<&MetaDataKey, BTreeSet<String>> = BTreeMap::new();
        for table in &models.tables {
            if let (Some(metadata), Some(key)) = (table.metadata.literal(), table.key()) {
                tables.entry(metadata).or_default().insert(key);
            }
        }
        let mut tables: Vec<_> = tables.into_values().collect();
        tables.sort();
        Self {
            tables,
            duplicates: duplicate_table_names(models).into_iter().map(|found| found.key).collect(),
            reserved: reserved_attributes(models)
                .iter()
                .map(|found| found.name.to_string())
                .collect(),
            columns: BTreeSet::new(),
        }
    }
}

#[test]
fn sqlalchemy_2_1_says_the_same() {
    compare(with_2_1(), |expected, models, case| {
        assert_same_tables(expected, models, case);
        assert_eq!(Outcome::of(models).reserved, expected.reserved, "{case}: reserved");
    });
}

#[test]
fn sqlalchemy_2_0_says_the_same() {
    compare(&ask("models_2_0.txt", &folders()), |expected, models, case| {
        // It refuses a class with `metadata`, so that its table is missing, and lets `registry` be.
        let refused = reserved_attributes(models)
            .iter()
            .any(|found| found.reserved_for == ReservedFor::MetaData);
        if !refused {
            assert_same_tables(expected, models, case);
        }
        let mut reserved = Outcome::of(models).reserved;
        reserved.remove("registry");
        assert_eq!(reserved, expected.reserved, "{case}: reserved");
    });
}

#[test]
fn a_renamed_attribute_keeps_its_column() {
    let root = tempfile::tempdir().expect("a temporary folder can be made");
    let mut renamed = Vec::new();
    for folder in folders() {
        let case = Case::read(&folder);
        if let Some(copy) = renamed_copy(&case, &folder, root.path()) {
            renamed.push(copy);
        }
    }
    assert!(renamed.len() >= 15, "only {} cases have a fix", renamed.len());
    let before = with_2_1();
    let after = ask("models_2_1.txt", &renamed);
    for (case, after) in &after {
        assert_eq!(after.reserved, BTreeSet::new(), "{case}");
        if case == "reserved_flask_metadata" {
            assert!(after.columns.contains("event id metadata"), "{:?}", after.columns);
        } else {
            assert_eq!(after.columns, before[case].columns, "{case}");
        }
    }
}

/// The files of a case with every fix of a reserved attribute applied, read again without finding
/// one; `None` where there is nothing to fix.
fn renamed_copy(case: &Case, folder: &Path, root: &Path) -> Option<PathBuf> {
    let models = case.models();
    let mut edits: BTreeSet<(usize, u32, u32, String)> = BTreeSet::new();
    for found in reserved_attributes(&models) {
        let Some(fix) = found.edits(&format!("extra_{}", found.name)) else {
            panic!("{}: no fix for {found:?}", case.name);
        };
        for edit in fix {
            let Edit::Replace { place, text } = edit else { panic!("only texts are replaced") };
            edits.insert((place.file.index(), place.span.start, place.span.end, text));
        }
    }
    if edits.is_empty() {
        return None;
    }
    let copy = root.join(&case.name);
    let mut texts: Vec<String> =
        case.sources.iter().map(|source| source.text().to_owned()).collect();
    for (file, start, end, text) in edits.into_iter().rev() {
        texts[file].replace_range(start as usize..end as usize, &text);
    }
    for (source, text) in case.sources.iter().zip(texts) {
        let path = copy.join(source.path().strip_prefix(folder).expect("it is below"));
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }
    let again = Case::read(&copy);
    assert_eq!(reserved_attributes(&again.models()), [], "{}", case.name);
    Some(copy)
}

fn assert_same_tables(expected: &Outcome, models: &Models, case: &str) {
    let found = Outcome::of(models);
    if DYNAMIC.contains(&case) {
        let real: BTreeSet<&String> = expected.tables.iter().flatten().collect();
        assert!(found.tables.iter().flatten().all(|key| real.contains(key)), "{case}: {found:?}");
        assert!(models.tables.iter().any(|table| table.name.is_dynamic()), "{case}: {models:?}");
        assert!(!models.unsettled.is_empty(), "{case}");
    } else if case != "reserved_flask_metadata" {
        // There the class is refused before it has a table.
        assert_eq!(found.tables, expected.tables, "{case}: tables of {models:#?}");
    }
    assert_eq!(found.duplicates, expected.duplicates, "{case}: duplicates of {models:#?}");
}

/// Hands `check` what Python says of each case, and what we say.
fn compare(answers: &BTreeMap<String, Outcome>, check: impl Fn(&Outcome, &Models, &str)) {
    let folders = folders();
    assert_eq!(answers.len(), folders.len());
    assert!(folders.len() >= 45, "only {} cases", folders.len());
    for folder in &folders {
        let case = Case::read(folder);
        check(&answers[&case.name], &case.models(), &case.name);
    }
}

/// What Python says of each case with `SQLAlchemy` 2.1.
fn with_2_1() -> &'static BTreeMap<String, Outcome> {
    static ANSWERS: OnceLock<BTreeMap<String, Outcome>> = OnceLock::new();
    ANSWERS.get_or_init(|| ask("models_2_1.txt", &folders()))
}

fn folders() -> Vec<PathBuf> {
    let root = support::workspace().join("fixtures/models");
    let entries = fs::read_dir(&root).expect("the fixtures are there");
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    folders.sort();
    folders
}

fn python_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            python_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            files.push(path);
        }
    }
}

fn ask(requirements: &str, folders: &[PathBuf]) -> BTreeMap<String, Outcome> {
    let output = Command::new(support::python_with(requirements))
        .arg("-B")
        .arg(support::support_file("models_oracle.py"))
        .args(folders)
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("Python writes UTF-8");
    let mut outcomes = BTreeMap::new();
    let mut case = String::new();
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').expect("a line is a word and a text");
        if word == "case" {
            rest.clone_into(&mut case);
        }
        let outcome: &mut Outcome = outcomes.entry(case.clone()).or_default();
        match word {
            "case" => {}
            "tables" => outcome.tables.push(rest.split(' ').map(str::to_owned).collect()),
            "columns" => {
                outcome.columns.insert(rest.to_owned());
            }
            "duplicate" => {
                outcome.duplicates.insert(rest.to_owned());
            }
            "reserved" => {
                outcome.reserved.insert(rest.to_owned());
            }
            _ => panic!("{case}: Python says {line}"),
        }
    }
    for outcome in outcomes.values_mut() {
        outcome.tables.sort();
    }
    outcomes
}

/// The applications run, so nothing in them can be declared twice or have a reserved name.
#[test]
#[ignore = "downloads and reads whole applications"]
fn applications_that_run_have_no_fault() {
    // The readers ask for a larger stack than a test has.
    let reading = std::thread::Builder::new().stack_size(64 << 20).spawn(read_applications);
    reading.expect("a thread starts").join().expect("no application has a fault");
}

fn read_applications() {
    let mut roots: Vec<PathBuf> = support::corpus().into_iter().map(|chain| chain.root).collect();
    roots.sort();
    roots.dedup();
    let mut total = 0;
    for root in roots {
        let case = Case::read_lenient(&root);
        let models = case.models();
        total += models.tables.len();
        let name = root.display();
        assert_eq!(duplicate_table_names(&models), [], "{name}");
        assert_eq!(reserved_attributes(&models), [], "{name}");
    }
    assert!(total > 500, "only {total} tables");
}

/// Reads files that are given as path and text; modules are resolved by their path.
fn read(files: &[(&str, &str)]) -> Models {
    let mut case = Case {
        name: String::new(),
        sources: Vec::new(),
        trees: Vec::new(),
        modules: BTreeMap::new(),
    };
    for (index, (path, text)) in files.iter().enumerate() {
        case.modules.insert(path.trim_end_matches(".py").replace('/', "."), index);
        case.trees.push(python::parse(text).module);
        case.sources.push(SourceFile::new(PathBuf::from(path), *text, Encoding::UTF_8));
    }
    case.models()
}

const COLUMNS: &str = "\n    id = Column(Integer, primary_key=True)\n";

#[test]
fn classes_of_one_base_from_elsewhere_share_it() {
    let file = |base: &str, class: &str| {
        format!(
            "from sqlalchemy import Column, Integer\nfrom {base} import Base\n\n\
             class {class}(Base):\n    __tablename__ = 'things'{COLUMNS}"
        )
    };
    let (one, same, other) =
        (file("platform_db", "One"), file("platform_db", "Same"), file("other_db", "Other"));
    let models = read(&[("one.py", &one), ("same.py", &same), ("other.py", &other)]);
    let found = duplicate_table_names(&models);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].first.class.as_deref(), Some("One"));
    assert_eq!(found[0].second.class.as_deref(), Some("Same"));
}

#[test]
fn every_table_of_flask_appbuilder_may_be_declared_again() {
    let text = format!(
        "from flask_appbuilder import Model\nfrom sqlalchemy import Column, Integer\n\n\
         class A(Model):\n    __tablename__ = 't'{COLUMNS}\n\
         class B(Model):\n    __tablename__ = 't'{COLUMNS}"
    );
    let models = read(&[("models.py", &text)]);
    assert_eq!(models.tables.len(), 2);
    assert_eq!(duplicate_table_names(&models), []);
}

#[test]
fn a_file_of_tests_is_compared_with_itself_only() {
    let base = "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): pass\n";
    let file = |class: &str| {
        format!(
            "from sqlalchemy import Column, Integer\nfrom base import Base\n\n\
             class {class}(Base):\n    __tablename__ = 'things'{COLUMNS}"
        )
    };
    let (one, test) = (file("One"), file("Test"));
    let models = read(&[("base.py", base), ("one.py", &one), ("tests/test_one.py", &test)]);
    assert_eq!(duplicate_table_names(&models), []);
    let twice = format!("{test}\n{}", test.replace("Test", "Again"));
    let models = read(&[("base.py", base), ("one.py", &one), ("tests/test_one.py", &twice)]);
    let found = duplicate_table_names(&models);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].second.class.as_deref(), Some("Again"));
}

#[test]
fn what_goes_in_circles_ends() {
    let models = read(&[
        ("a.py", "from b import *\nfrom b import B, x\nclass A(B): __tablename__ = x\ny = x\n"),
        ("b.py", "from a import *\nfrom a import A, y\nclass B(A): __tablename__ = y\nx = y\n"),
        ("c.py", "class C(C): pass\nclass D(E): pass\nclass E(D): pass\nf = lambda: f()\n"),
        ("d.py", "def f(): return g() + g()\ndef g(): return f() + f()\nT = f()\n"),
    ]);
    assert_eq!(models.tables, []);
}

#[test]
fn thousands_of_files_and_ancestors_take_no_time() {
    let base = "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n";
    let mut texts = vec![("base.py".to_owned(), base.to_owned())];
    for index in 0..2_000 {
        let text = format!(
            "from sqlalchemy import Column, Integer\nfrom base import Base\n\n\
             class Model{index}(Base):\n    __tablename__ = 't{index}'{COLUMNS}"
        );
        texts.push((format!("models/m{index}.py"), text));
    }
    let deep: Vec<String> =
        (1..5_000).map(|index| format!("class C{index}(C{}): pass\n", index - 1)).collect();
    texts.push(("deep.py".to_owned(), format!("class C0: pass\n{}", deep.concat())));
    let files: Vec<(&str, &str)> =
        texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let models = read(&files);
    assert_eq!(models.tables.len(), 2_000);
    assert_eq!(duplicate_table_names(&models), []);
}
