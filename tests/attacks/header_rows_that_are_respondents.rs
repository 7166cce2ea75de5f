//! Whoever sends fewer or more header rows than a profile has does not get a respondent into a file, a log or a message.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rust_xlsxwriter::Workbook;

use crate::program::{peil, root, tiny_survey};

/// What no byte may hold: an id, addresses, a name, an answer in somebody's own words.
const SECRETS: [&str; 6] = [
    "geheimnummer",
    "g.zilverschoon@example.org",
    "192.0.2.231",
    "Grietje Zilverschoon",
    "woont boven de bakker",
    "Zilverschoon",
];

type Rows = Vec<Vec<String>>;

/// A profile of config/exports, and the header rows of a file that its producer would write.
struct Producer {
    name: String,
    settings: toml::Table,
}

impl Producer {
    /// All whose files have a column of ids; where the record's number is the id, no id is delivered that could get out.
    fn all() -> Vec<Self> {
        let folder = root().join("config/exports");
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let producer = |path: &PathBuf| Self {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            settings: toml::from_str(&fs::read_to_string(path).unwrap()).unwrap(),
        };
        let has_ids = |producer: &Self| !producer.settings["id"].as_array().unwrap().is_empty();
        files.iter().map(producer).filter(has_ids).collect()
    }

    fn setting(&self, table: &str, name: &str) -> Option<&toml::Value> {
        self.settings.get(table)?.get(name)
    }

    fn header_rows(&self) -> usize {
        self.setting("header", "rows").map_or(1, |rows| rows.as_integer().unwrap() as usize)
    }

    fn is_workbook(&self) -> bool {
        self.settings["container"].as_str() == Some("workbook")
    }

    fn delimiter(&self) -> &str {
        self.setting("csv", "delimiter").map_or(",", |sign| sign.as_str().unwrap())
    }

    fn id(&self) -> &str {
        self.settings["id"][0].as_str().unwrap()
    }

    /// The row with id, two personal columns and six answers.
    fn names(&self) -> Vec<String> {
        let personal = &self.settings["personal"]["columns"];
        let fixed = [self.id(), personal[0].as_str().unwrap(), personal[1].as_str().unwrap()];
        let names = fixed.map(str::to_owned).into_iter();
        let names = names.chain((1..=6).map(|number| format!("A{number}")));
        match self.setting("header", "name_until") {
            Some(end) => {
                names.map(|name| format!("{name}{} Vraag", end.as_str().unwrap())).collect()
            }
            None => names.collect(),
        }
    }

    /// As the producer writes them, top down.
    fn header(&self) -> Rows {
        let questions = || row(["Response ID", "Adres", "Naam"], "Vraag {}?");
        let options = || row(["", "", ""], "Response");
        let imports = || row([r#"{"ImportId":"a"}"#; 3], r#"{"ImportId":"QID{}"}"#);
        match (self.header_rows(), self.setting("header", "name_row").is_some()) {
            (1, _) => vec![self.names()],
            (2, _) if self.setting("header", "join_row").is_some() => vec![self.names(), options()],
            (2, true) => vec![questions(), self.names()],
            (2, false) => vec![self.names(), questions()],
            _ => vec![self.names(), questions(), imports()],
        }
    }

    /// Header rows of a file that has `count` of them: the first ones or the last ones, or one more below.
    fn headers_of(&self, count: usize) -> Vec<Rows> {
        let header = self.header();
        let stated = header.len();
        if count > stated {
            let more = row(["Response ID", "Adres", "Naam"], "Vraag {} in andere woorden");
            return vec![[header, vec![more; count - stated]].concat()];
        }
        let mut all = vec![header[..count].to_vec(), header[stated - count..].to_vec()];
        all.dedup();
        all
    }

    /// The tiny survey whose delivery of 2024 is this producer's.
    fn survey(&self, rows: &Rows) -> tempfile::TempDir {
        let folder = tiny_survey();
        let file = if self.is_workbook() { "gp_2024.xlsx" } else { "gp_2024.csv" };
        let path = folder.path().join("input").join(file);
        if self.is_workbook() {
            write_workbook(&path, rows);
        } else {
            fs::write(&path, text(rows, self.delimiter())).unwrap();
        }
        let replace = |path: &str, changes: &[(&str, &str)]| {
            let path = folder.path().join(path);
            let mut text = fs::read_to_string(&path).unwrap();
            for (from, to) in changes {
                assert!(text.contains(from), "{from}");
                text = text.replacen(from, to, 1);
            }
            fs::write(path, text).unwrap();
        };
        let mut items: Vec<(String, String)> =
            vec![("2024,respondent,respnr,".to_owned(), format!("2024,respondent,{},", self.id()))];
        let concepts = ["sex", "birth_year", "portal_offered", "portal_use", "impact", "hours"];
        for (number, concept) in (1..).zip(concepts) {
            let item = |column| format!("gp,2024,{concept},{column}{number},");
            items.push((item('V'), item('A')));
        }
        let items: Vec<(&str, &str)> =
            items.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        replace("config/codebook/items.csv", &items);
        replace(
            "pipeline.toml",
            &[("input/gp_2024.csv", &format!("input/{file}")), ("excel_nl_csv", &self.name)],
        );
        folder
    }
}

fn row(fixed: [&str; 3], others: &str) -> Vec<String> {
    let others = (1..=6).map(|number| others.replace("{}", &number.to_string()));
    fixed.map(str::to_owned).into_iter().chain(others).collect()
}

/// Respondents as the tiny survey has them, with an address and a name each; the first may be all text.
fn respondents(is_text: bool) -> Rows {
    let base = fs::read_to_string(root().join("tests/base/input/gp_2024.csv")).unwrap();
    let mut rows: Rows = base
        .lines()
        .skip(1)
        .map(|line| {
            let answers = line.split(';').skip(1).map(|cell| cell.split(',').next().unwrap());
            let id = format!("geheimnummer{}", &line[..4]);
            let personal = [&id, "192.0.2.231", "Grietje Zilverschoon"].map(str::to_owned);
            personal.into_iter().chain(answers.map(str::to_owned)).collect()
        })
        .collect();
    if is_text {
        let texts = ["geheimnummer", "Zilverschoon", "Grietje Zilverschoon"];
        rows[0] = row(texts, "woont boven de bakker {}")
            .iter()
            .map(|text| text.replace(|sign: char| sign.is_ascii_digit(), "een"))
            .collect();
    }
    rows
}

fn text(rows: &Rows, delimiter: &str) -> String {
    let mut text = String::new();
    for row in rows {
        let quoted = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        let _ = writeln!(text, "{}", quoted.collect::<Vec<_>>().join(delimiter));
    }
    text
}

fn write_workbook(path: &Path, rows: &Rows) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Data").unwrap();
    for (number, row) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(number, column, cell).unwrap();
        }
    }
    workbook.save(path).unwrap();
}

fn assert_no_secret(bytes: &[u8], place: &str) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let wide: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let wide = String::from_utf8_lossy(&wide).to_lowercase();
    for secret in SECRETS.map(str::to_lowercase) {
        assert!(!text.contains(&secret) && !wide.contains(&secret), "`{secret}` in {place}");
    }
}

/// All that a run wrote.
fn search(folder: &Path, place: &str) {
    let mut open = vec![folder.join("store"), folder.join("marts")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.is_file() {
            assert_no_secret(&fs::read(&path).unwrap(), &format!("{place}: {}", path.display()));
        }
    }
}

/// Commands that show what was read or refused.
fn said_by(producer: &Producer) -> Vec<Vec<String>> {
    let file = if producer.is_workbook() { "input/gp_2024.xlsx" } else { "input/gp_2024.csv" };
    [
        &["findings", "--format", "csv", "--pipeline", "pipeline.toml"][..],
        &["runs", "pipeline.toml"],
        &["ingest", file],
        &["ingest", file, "--profile", &producer.name],
    ]
    .map(|words| words.iter().map(|word| (*word).to_owned()).collect())
    .into()
}

fn run(producer: &Producer, header: &Rows, is_text: bool) -> (i32, String) {
    let place = format!("{}, {} header rows {:?}", producer.name, header.len(), header.first());
    let folder = producer.survey(&[header.clone(), respondents(is_text)].concat());
    let outcome = peil(folder.path(), &["run", "pipeline.toml", "--log", "trace"]);
    assert_no_secret((outcome.stdout.clone() + &outcome.stderr).as_bytes(), &place);
    search(folder.path(), &place);
    // What was kept is shown once a header.
    for words in if is_text { said_by(producer) } else { Vec::new() } {
        let said = peil(folder.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_no_secret((said.stdout + &said.stderr).as_bytes(), &format!("{place}: {words:?}"));
    }
    (outcome.code, format!("{place}: {}", outcome.stderr))
}

fn each_producer(check: impl Fn(&Producer) + Sync) {
    let producers = Mutex::new(Producer::all());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let producer = producers.lock().unwrap().pop();
                    let Some(producer) = producer else { return };
                    check(&producer);
                }
            });
        }
    });
}

#[test]
fn no_respondent_in_the_place_of_a_header_row_leaves_ingest_by_any_profile() {
    each_producer(|producer| {
        for count in (0..=3).filter(|count| *count != producer.header_rows()) {
            for header in producer.headers_of(count) {
                for is_text in [false, true] {
                    let (code, said) = run(producer, &header, is_text);
                    assert!(code == 2 || code == 3, "{code}: {said}");
                }
            }
        }
    });
}

#[test]
fn a_file_with_all_header_rows_of_its_profile_is_read() {
    each_producer(|producer| {
        let (code, said) = run(producer, &producer.header(), false);
        assert_eq!(code, 0, "{said}");
    });
}

#[test]
fn a_file_with_too_few_header_rows_is_told_how_many_there_are() {
    let all = Producer::all();
    let producer = all.iter().find(|producer| producer.name == "qualtrics_csv").unwrap();
    let (code, said) = run(producer, &producer.header()[..1].to_vec(), false);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("found 1 header row of the 3 that the profile `qualtrics_csv` has"),
        "{said}"
    );
    assert!(said.contains("--show-header"), "{said}");
}

#[test]
fn the_header_is_shown_to_somebody_who_asks_for_it() {
    let all = Producer::all();
    let producer = all.iter().find(|producer| producer.name == "excel_nl_csv").unwrap();
    let folder = producer.survey(&respondents(false));
    let said = peil(folder.path(), &["ingest", "input/gp_2024.csv", "--show-header"]);
    assert!(said.stdout.contains("Grietje Zilverschoon"), "{}", said.stdout);
}
