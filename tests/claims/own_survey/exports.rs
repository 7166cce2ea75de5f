//! Small exports as producers write them, made of invented answers, with what can be counted in them.

use std::fmt::Write;

use rust_xlsxwriter::Workbook;

const ROWS: usize = 240;

pub struct Export {
    pub profile: &'static str,
    pub file: &'static str,
    pub bytes: Vec<u8>,
    /// By the English label of its indicator.
    pub expected: Vec<(String, Expected)>,
}

pub struct Expected {
    /// Percent, or a mean.
    pub value: f64,
    pub base: u64,
}

/// Somebody who does not exist.
struct Person {
    number: usize,
    /// 0 yes, 1 no, 2 don't know; none: not answered.
    portal: Option<usize>,
    age: usize,
    apps: [bool; 3],
    mark: Option<usize>,
}

fn people() -> Vec<Person> {
    let person = |number: usize| {
        let of = |step: usize, among: usize| (number * step + number / 7) % among;
        Person {
            number,
            portal: (number % 12 != 5).then_some([0, 0, 1, 0, 2, 1][of(5, 6)]),
            age: of(3, 4),
            apps: [of(1, 3) > 0, of(2, 3) == 1 || number.is_multiple_of(2), of(7, 5) == 0],
            mark: (number % 9 != 2).then_some(of(4, 11)),
        }
    };
    (0..ROWS).map(person).collect()
}

/// How an export names what was asked and answered.
struct Names<'a> {
    portal: &'a str,
    portal_answers: [&'a str; 3],
    age: &'a str,
    ages: [&'a str; 4],
    apps: [String; 3],
    /// Whether who chose no app counts in the base of the apps.
    all_in_base: bool,
    mark: &'a str,
}

const PORTAL: &str = "Do you use the portal?";
const ANSWERS: [&str; 3] = ["Yes", "No", "Don't know"];
const AGE: &str = "Age group";
const AGES: [&str; 4] = ["18-34", "35-54", "55-74", "75 and over"];
const APPS: [&str; 3] = ["Portal", "Video", "Monitoring"];
const WHICH: &str = "Which apps do you use?";
const MARK: &str = "How do you rate it (0 to 10)?";

fn expected(names: &Names<'_>) -> Vec<(String, Expected)> {
    let people = people();
    let share = |yes: usize, base: usize| Expected {
        value: 100.0 * yes as f64 / base as f64,
        base: base as u64,
    };
    let mut expected = Vec::new();
    let answered = people.iter().filter(|one| one.portal.is_some()).count();
    for (code, answer) in names.portal_answers.iter().enumerate() {
        let yes = people.iter().filter(|one| one.portal == Some(code)).count();
        expected.push((format!("{}: {answer}", names.portal), share(yes, answered)));
    }
    for (code, answer) in names.ages.iter().enumerate() {
        let yes = people.iter().filter(|one| one.age == code).count();
        expected.push((format!("{}: {answer}", names.age), share(yes, ROWS)));
    }
    let any = people.iter().filter(|one| one.apps.contains(&true)).count();
    for (place, label) in names.apps.iter().enumerate() {
        let yes = people.iter().filter(|one| one.apps[place]).count();
        let base = if names.all_in_base { ROWS } else { any };
        expected.push((label.clone(), share(yes, base)));
    }
    let marks: Vec<usize> = people.iter().filter_map(|one| one.mark).collect();
    let mean = marks.iter().sum::<usize>() as f64 / marks.len() as f64;
    expected.push((names.mark.to_owned(), Expected { value: mean, base: marks.len() as u64 }));
    expected
}

impl Person {
    fn portal<'a>(&self, answers: [&'a str; 3]) -> &'a str {
        self.portal.map_or("", |code| answers[code])
    }

    fn mark(&self) -> String {
        self.mark.map_or(String::new(), |mark| mark.to_string())
    }

    /// Several answers in a cell.
    fn apps(&self, separator: &str, end: &str) -> String {
        let chosen: Vec<&str> =
            APPS.into_iter().zip(self.apps).filter(|(_, is)| *is).map(|(app, _)| app).collect();
        if chosen.is_empty() { String::new() } else { chosen.join(separator) + end }
    }

    fn each_app<'a>(&self, yes: [&'a str; 3], no: &'a str) -> [&'a str; 3] {
        std::array::from_fn(|place| if self.apps[place] { yes[place] } else { no })
    }
}

fn questions(in_a_cell: bool) -> Names<'static> {
    let sign = if in_a_cell { ": " } else { " - " };
    Names {
        portal: PORTAL,
        portal_answers: ANSWERS,
        age: AGE,
        ages: AGES,
        apps: APPS.map(|app| format!("{WHICH}{sign}{app}")),
        all_in_base: !in_a_cell,
        mark: MARK,
    }
}

pub fn all() -> Vec<Export> {
    vec![surveymonkey(), qualtrics(), limesurvey(), forms(), kobo(), redcap(), google(), plain()]
}

fn surveymonkey() -> Export {
    let mut text = format!(
        "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,{PORTAL},{AGE},{WHICH},,,{MARK}\n,,,,,,Response,Response,Portal,Video,Monitoring,Open-Ended Response\n"
    );
    for one in people() {
        let [a, b, c] = one.each_app(APPS, "");
        let _ = writeln!(
            text,
            "{},77,05/01/2025 10:00:00,05/01/2025 10:05:00,192.0.2.1,p@example.org,{},{},{a},{b},{c},{}",
            9000 + one.number,
            one.portal(ANSWERS),
            AGES[one.age],
            one.mark()
        );
    }
    Export {
        profile: "surveymonkey_csv",
        file: "export_2025.csv",
        bytes: text.into_bytes(),
        expected: expected(&questions(false)),
    }
}

fn qualtrics() -> Export {
    let mut text = format!(
        "StartDate,Status,IPAddress,Progress,Duration (in seconds),Finished,ResponseId,RecipientEmail,UserLanguage,Q1,Q2,Q3,Q4_1\nStart Date,Response Type,IP Address,Progress,Duration (in seconds),Finished,Response ID,Recipient Email,User Language,{PORTAL},{AGE},{WHICH},{MARK}\n"
    );
    let ids = [
        "startDate",
        "status",
        "ipAddress",
        "progress",
        "duration",
        "finished",
        "_recordId",
        "recipientEmail",
        "userLanguage",
        "QID1",
        "QID2",
        "QID3",
        "QID4_1",
    ];
    let ids = ids.map(|id| format!("\"{{\"\"ImportId\"\":\"\"{id}\"\"}}\""));
    let _ = writeln!(text, "{}", ids.join(","));
    for one in people() {
        let _ = writeln!(
            text,
            "2025-05-01 10:00:00,IP Address,192.0.2.1,100,{},True,R_{},p@example.org,EN,{},{},\"{}\",{}",
            300 + one.number,
            one.number,
            one.portal(ANSWERS),
            AGES[one.age],
            one.apps(",", ""),
            one.mark()
        );
    }
    Export {
        profile: "qualtrics_csv",
        file: "export_2025.csv",
        bytes: text.into_bytes(),
        expected: expected(&questions(true)),
    }
}

fn limesurvey() -> Export {
    let headers = [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "startdate",
        "ipaddr",
        "interviewtime",
        "G01Q01",
        "G01Q02",
        "G02Q01[SQ001]",
        "G02Q01[SQ002]",
        "G02Q01[SQ003]",
        "G03Q01",
    ];
    let line = |cells: &[String]| {
        cells.iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(";") + "\n"
    };
    let mut text = String::from("\u{feff}") + &line(&headers.map(str::to_owned));
    let answers = ["AO01", "AO02", "AO03"];
    let ages = ["A1", "A2", "A3", "A4"];
    for one in people() {
        let at = "2025-05-01 10:00:00";
        let [a, b, c] = one.each_app(["Y"; 3], "");
        let seconds = format!("{}.5", 200 + one.number);
        let cells = [
            &(one.number + 1).to_string(),
            at,
            "5",
            "nl",
            at,
            "192.0.2.1",
            &seconds,
            one.portal(answers),
            ages[one.age],
            a,
            b,
            c,
            &one.mark(),
        ];
        text.push_str(&line(&cells.map(str::to_owned)));
    }
    let names = Names {
        portal: "G01Q01",
        portal_answers: answers,
        age: "G01Q02",
        ages,
        apps: std::array::from_fn(|place| format!("G02Q01[SQ00{}]", place + 1)),
        all_in_base: true,
        mark: "G03Q01",
    };
    Export {
        profile: "limesurvey_csv",
        file: "export_2025.csv",
        bytes: text.into_bytes(),
        expected: expected(&names),
    }
}

fn forms() -> Export {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let header = ["ID", "Start time", "Completion time", "Email", "Name", PORTAL, AGE, WHICH, MARK];
    for (column, text) in (0..).zip(header) {
        sheet.write_string(0, column, text).unwrap();
    }
    for (row, one) in (1..).zip(people()) {
        sheet.write_number(row, 0, one.number as f64 + 1.0).unwrap();
        let apps = one.apps(";", ";");
        let cells = [
            "5/1/2025 10:00",
            "5/1/2025 10:05",
            "anonymous",
            "",
            one.portal(ANSWERS),
            AGES[one.age],
            &apps,
        ];
        for (column, text) in (1..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row, column, text).unwrap();
        }
        if let Some(mark) = one.mark {
            sheet.write_number(row, 8, mark as f64).unwrap();
        }
    }
    let bytes = workbook.save_to_buffer().unwrap();
    Export {
        profile: "microsoft_forms_en_xlsx",
        file: "export_2025.xlsx",
        bytes,
        expected: expected(&questions(true)),
    }
}

fn coded(apps: [&str; 3]) -> Names<'static> {
    Names {
        portal: "portal",
        portal_answers: ["yes", "no", "dk"],
        age: "age_group",
        ages: ["a1", "a2", "a3", "a4"],
        apps: apps.map(|name| format!("{name}: 1")),
        all_in_base: true,
        mark: "mark",
    }
}

fn kobo() -> Export {
    let apps = ["apps/portal", "apps/video", "apps/monitoring"];
    let mut text = format!(
        "start;end;portal;age_group;{};mark;_id;_uuid;_submission_time;_submitted_by;_index\n",
        apps.join(";")
    );
    let names = coded(apps);
    for one in people() {
        let [a, b, c] = one.each_app(["1"; 3], "0");
        let at = "2025-05-01T10:00:00";
        let _ = writeln!(
            text,
            "{at};{at};{};{};{a};{b};{c};{};{};u-{};{at};me;{}",
            one.portal(names.portal_answers),
            names.ages[one.age],
            one.mark(),
            500 + one.number,
            one.number,
            one.number + 1
        );
    }
    Export {
        profile: "kobo_csv",
        file: "export_2025.csv",
        bytes: text.into_bytes(),
        expected: expected(&names),
    }
}

fn redcap() -> Export {
    let apps = ["apps___1", "apps___2", "apps___3"];
    let mut text = format!(
        "record_id,redcap_survey_identifier,portal,age_group,{},mark,survey_complete\n",
        apps.join(",")
    );
    let names = coded(apps);
    for one in people() {
        let [a, b, c] = one.each_app(["1"; 3], "0");
        let _ = writeln!(
            text,
            "{},,{},{},{a},{b},{c},{},2",
            one.number + 1,
            one.portal(names.portal_answers),
            names.ages[one.age],
            one.mark()
        );
    }
    Export {
        profile: "redcap_csv",
        file: "export_2025.csv",
        bytes: text.into_bytes(),
        expected: expected(&names),
    }
}

fn google() -> Export {
    let mut text =
        format!("\"Timestamp\",\"Username\",\"{PORTAL}\",\"{AGE}\",\"{WHICH}\",\"{MARK}\"\n");
    for one in people() {
        let _ = writeln!(
            text,
            "\"2025/05/01 7:07:45 PM GMT+1\",\"p{}@example.org\",\"{}\",\"{}\",\"{}\",\"{}\"",
            one.number,
            one.portal(ANSWERS),
            AGES[one.age],
            one.apps(";", ""),
            one.mark()
        );
    }
    Export {
        profile: "google_forms_csv",
        file: "export_2025.csv",
        bytes: text.into_bytes(),
        expected: expected(&questions(true)),
    }
}

pub fn plain() -> Export {
    let mut text = format!("respondent_id;{PORTAL};{AGE};{WHICH};{MARK}\n");
    for one in people() {
        let apps = one.apps(",", "");
        let _ = writeln!(
            text,
            "P{};{};{};{};{}",
            one.number,
            one.portal(ANSWERS),
            AGES[one.age],
            apps.replace(',', "|"),
            one.mark()
        );
    }
    Export {
        profile: "excel_nl_csv",
        file: "export_2025.csv",
        bytes: text.into_bytes(),
        expected: expected(&questions(true)),
    }
}
