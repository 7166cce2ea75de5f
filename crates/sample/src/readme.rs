//! sample-data/README.md: what the files are, what is planted in them, and where the dirt is.

use crate::delivery::Delivery;
use crate::draw::group_name;
use crate::export::profile;

/// Dutch file names, as they would arrive.
pub fn file_name(panel: &str, wave: u16, extension: &str) -> String {
    let group = match panel {
        "doctors" => "artsen",
        "gp" => "huisartsen",
        "specialist" => "medisch_specialisten",
        "social_physician" => "sociaal_geneeskundigen",
        "nurse" => "verpleegkundigen",
        "population" => "algemene_bevolking",
        _ => "chronisch_zieken",
    };
    format!("{wave}/{group}_{wave}.{extension}")
}

/// One row of the README's table.
pub fn describe(name: &str, delivery: &Delivery) -> String {
    let questionnaire = &delivery.questionnaire;
    format!(
        "| `{name}` | {} | {} | {} | {} |",
        group_name(questionnaire.panel),
        profile(questionnaire.producer),
        delivery.rows.len(),
        delivery.dirt.join("; ")
    )
}

pub fn text(described: &[String], seed: u64) -> String {
    format!(
        "# Sample data: five waves of six panels\n\n\
         **Everything here is synthetic.** No row is a person, no number is a result of the Monitor Digitale Zorg. The files look as\n\
         deliveries of such a monitor would arrive, dirt included. They are written by `crates/sample`\n\
         (`sample write --out sample-data --seed {seed}`); the same seed gives the same bytes.\n\n\
         `commuting/` is a second, small survey with its own configuration: invented as well, in English, one panel, two waves\n\
         (`peil run sample-data/commuting/pipelines/commuting.toml`).\n\n\
         ## Planted truth\n\n\
         Each respondent is drawn from a population model with known sizes and known probabilities, so the population value behind\n\
         every figure is known. `truth/` holds them; the pipeline never reads that folder.\n\n\
         * `truth/estimate.csv`: indicator, panel, wave, breakdown, level, value (share 0–1 or mean 0–10), kind, source. A source says\n  \
           which published value the planted one follows; all others are made up. `providers_pooled` weighs the four provider groups by their\n  \
           populations, `providers_mean_of_groups` is the mean of the four values.\n\
         * `truth/population.csv`: people in every cell of every margin (illustrative; no published source).\n\
         * `truth/questionnaire.csv` and `truth/coding.csv`: which concept stands in which column, and what each delivered text means.\n\n\
         Response depends on age, sex and education (providers: region, discipline or sector) only, one factor each: an unweighted mean is off,\n\
         a mean weighted to the margins is not. Questions left open, refusals and break-offs are by chance alone.\n\
         Users' and nurses' panels are access panels: 60 % of the respondents of a wave answered the wave before too, of doctors 25 %. They keep their\n\
         number (the respondent's number in every file is that in the panel), birth year, sex, sector or region; education may rise before 45, digital skill may\n\
         move one step. Every answer keeps its place in the distribution of its group with probability 0.6, so that the answers of two waves correlate; the\n\
         planted values of a wave do not depend on who returned.\n\
         Written digital communication was asked of every fifth chronically ill respondent in 2021, so that by age all groups stay below\n\
         thirty answers. The 2022 wave of the chronically ill had a four-point scale in the statements.\n\n\
         ## Planted dirt, the same in all files\n\n\
         Speeders (about one in ninety) and straightliners (about one in a hundred and fifty); respondents who broke off (1.5 %); e-mail addresses\n\
         (`example.org`) and IP addresses (a documentation range) where the producer adds them; providers who do not work in practice (3.5 %),\n\
         who see no further questions; from 2022 a third answer to the question on sex. The doctors' workbooks of 2024 and 2025 hold twelve doctors\n\
         of another function.\n\n\
         ## Files\n\n\
         | file | who | export profile | rows | dirt |\n|---|---|---|---|---|\n{}\n",
        described.join("\n")
    )
}
