//! The words of the generator: answer lists, concepts, missing answers. Written apart from config on purpose.

/// Missing answers stand below zero; a category is its place in its list, a number is itself.
pub type Answer = i16;
pub const UNANSWERED: Answer = -1;
pub const NOT_ROUTED: Answer = -2;
pub const DONT_KNOW: Answer = -3;
pub const NOT_APPLICABLE: Answer = -4;
pub const REFUSED: Answer = -5;
pub const BROKE_OFF: Answer = -6;

pub const MISSING_NAMES: [(Answer, &str); 6] = [
    (UNANSWERED, "unanswered"),
    (NOT_ROUTED, "not_routed"),
    (DONT_KNOW, "dont_know"),
    (NOT_APPLICABLE, "not_applicable"),
    (REFUSED, "refused"),
    (BROKE_OFF, "broke_off"),
];

pub struct List {
    pub name: &'static str,
    /// Code and Dutch label, in order.
    pub codes: &'static [(&'static str, &'static str)],
}

pub const LISTS: &[List] = &[
    List { name: "yes_no", codes: &[("yes", "Ja"), ("no", "Nee")] },
    List {
        name: "care_function",
        codes: &[
            ("gp", "Huisarts"),
            ("specialist", "Medisch specialist"),
            ("social_physician", "Sociaal geneeskundige"),
            ("other_function", "Andere functie"),
        ],
    },
    List { name: "questionnaire_version", codes: &[("A", "Versie A"), ("B", "Versie B")] },
    List { name: "sex", codes: &[("female", "Vrouw"), ("male", "Man"), ("other", "Anders")] },
    List { name: "sex_register", codes: &[("female", "Vrouw"), ("male", "Man")] },
    List {
        name: "age_group",
        codes: &[
            ("under-35", "Jonger dan 35"),
            ("35-49", "35–49"),
            ("50-64", "50–64"),
            ("65-74", "65–74"),
            ("75-plus", "75 en ouder"),
        ],
    },
    List {
        name: "age_group_provider",
        codes: &[
            ("under-35", "Jonger dan 35"),
            ("35-44", "35–44"),
            ("45-54", "45–54"),
            ("55-plus", "55 en ouder"),
        ],
    },
    List { name: "age_65", codes: &[("under-65", "Jonger dan 65"), ("65-plus", "65 en ouder")] },
    List {
        name: "education_detail",
        codes: &[
            ("primary", "Geen opleiding of alleen basisonderwijs"),
            ("vmbo", "Vmbo, mavo, lbo"),
            ("mbo_1", "Mbo niveau 1"),
            ("middle", "Mbo niveau 2-4, havo, vwo"),
            ("high", "Hbo of wo"),
        ],
    },
    List {
        name: "education",
        codes: &[
            ("low", "Basisonderwijs, vmbo"),
            ("middle", "Mbo, havo, vwo"),
            ("high", "Hbo, wo"),
        ],
    },
    List {
        name: "education_primary",
        codes: &[
            ("primary_or_none", "Geen of alleen basisonderwijs"),
            ("more", "Meer dan basisonderwijs"),
        ],
    },
    List {
        name: "digital_skill",
        codes: &[("low", "Laag"), ("moderate", "Gemiddeld"), ("high", "Hoog")],
    },
    List {
        name: "region",
        codes: &[
            ("north", "Noord-Nederland"),
            ("east", "Oost-Nederland"),
            ("west", "West-Nederland"),
            ("south", "Zuid-Nederland"),
        ],
    },
    List {
        name: "practice_type",
        codes: &[("solo", "Solopraktijk"), ("duo", "Duopraktijk"), ("group", "Groepspraktijk")],
    },
    List {
        name: "hospital_type",
        codes: &[
            ("academic", "Universitair medisch centrum"),
            ("top_clinical", "Topklinisch ziekenhuis"),
            ("general", "Algemeen ziekenhuis"),
        ],
    },
    List {
        name: "discipline",
        codes: &[
            ("youth_health", "Jeugdgezondheidszorg"),
            ("occupational_health", "Bedrijfsgeneeskunde"),
            ("insurance_medicine", "Verzekeringsgeneeskunde"),
            ("public_health", "Infectieziekten en overige publieke gezondheid"),
        ],
    },
    List {
        name: "sector",
        codes: &[
            ("hospital", "Ziekenhuis"),
            ("home_care", "Thuiszorg"),
            ("elderly_care", "Verpleeg- of verzorgingshuis"),
            ("other_care", "GGZ, gehandicaptenzorg of overig"),
        ],
    },
    List { name: "user", codes: &[("user", "Gebruiker"), ("non_user", "Geen gebruiker")] },
    List {
        name: "agreement",
        codes: &[
            ("fully_agree", "Helemaal mee eens"),
            ("agree", "Mee eens"),
            ("neutral", "Niet mee eens, niet mee oneens"),
            ("disagree", "Mee oneens"),
            ("fully_disagree", "Helemaal mee oneens"),
        ],
    },
    List {
        name: "computer_alone",
        codes: &[
            ("alone", "Ja, zonder hulp"),
            ("with_help", "Alleen met hulp"),
            ("not_at_all", "Nee, helemaal niet"),
        ],
    },
];

/// An answer list by name.
pub fn list(name: &str) -> &'static List {
    LISTS.iter().find(|list| list.name == name).expect("an answer list of this file")
}

/// Where a code stands in a list.
pub fn code(list_name: &str, code: &str) -> Answer {
    let place = list(list_name).codes.iter().position(|(name, _)| *name == code);
    place.expect("a code of this list") as Answer
}

pub struct Concept {
    pub name: &'static str,
    /// Answer list; empty for a number.
    pub list: &'static str,
}

const fn concept_of(name: &'static str, list: &'static str) -> Concept {
    Concept { name, list }
}

/// What a respondent can be asked, in the order in which it is drawn.
pub const CONCEPTS: &[Concept] = &[
    concept_of("care_function", "care_function"),
    concept_of("in_practice", "yes_no"),
    concept_of("questionnaire_version", "questionnaire_version"),
    concept_of("birth_year", ""),
    concept_of("age_reported", ""),
    concept_of("sex", "sex"),
    concept_of("education_detail", "education_detail"),
    concept_of("digital_skill", "digital_skill"),
    concept_of("region", "region"),
    concept_of("practice_type", "practice_type"),
    concept_of("hospital_type", "hospital_type"),
    concept_of("discipline", "discipline"),
    concept_of("sector", "sector"),
    concept_of("duration_seconds", ""),
    concept_of("gp_contact", "yes_no"),
    concept_of("hospital_contact", "yes_no"),
    concept_of("home_care_contact", "yes_no"),
    concept_of("portal_use", "yes_no"),
    concept_of("written_use", "yes_no"),
    concept_of("video_use", "yes_no"),
    concept_of("telemonitoring_use", "yes_no"),
    concept_of("pgo_use", "yes_no"),
    concept_of("ai_use", "yes_no"),
    concept_of("robot_use", "yes_no"),
    concept_of("medication_dispenser_use", "yes_no"),
    concept_of("medication_check_use", "yes_no"),
    concept_of("safety_sensor_use", "yes_no"),
    concept_of("safety_alarm_use", "yes_no"),
    concept_of("health_information_use", "yes_no"),
    concept_of("wearable_use", "yes_no"),
    concept_of("self_help_use", "yes_no"),
    concept_of("process_information_suitable", "yes_no"),
    concept_of("process_information_carried_out", "yes_no"),
    concept_of("process_referring_suitable", "yes_no"),
    concept_of("process_referring_carried_out", "yes_no"),
    concept_of("process_appointment_suitable", "yes_no"),
    concept_of("process_appointment_carried_out", "yes_no"),
    concept_of("process_receiving_suitable", "yes_no"),
    concept_of("process_receiving_carried_out", "yes_no"),
    concept_of("process_preparation_suitable", "yes_no"),
    concept_of("process_preparation_carried_out", "yes_no"),
    concept_of("gp_appointment_wanted", "yes_no"),
    concept_of("gp_appointment_received", "yes_no"),
    concept_of("gp_information_wanted", "yes_no"),
    concept_of("gp_information_received", "yes_no"),
    concept_of("gp_preparation_wanted", "yes_no"),
    concept_of("gp_preparation_received", "yes_no"),
    concept_of("hospital_appointment_wanted", "yes_no"),
    concept_of("hospital_appointment_received", "yes_no"),
    concept_of("hospital_information_wanted", "yes_no"),
    concept_of("hospital_information_received", "yes_no"),
    concept_of("hospital_preparation_wanted", "yes_no"),
    concept_of("hospital_preparation_received", "yes_no"),
    concept_of("home_care_appointment_wanted", "yes_no"),
    concept_of("home_care_appointment_received", "yes_no"),
    concept_of("home_care_information_wanted", "yes_no"),
    concept_of("home_care_information_received", "yes_no"),
    concept_of("home_care_preparation_wanted", "yes_no"),
    concept_of("home_care_preparation_received", "yes_no"),
    concept_of("impact_control", ""),
    concept_of("impact_accessibility", ""),
    concept_of("impact_quality", ""),
    concept_of("impact_organisability", ""),
    concept_of("impact_prevention", ""),
    concept_of("impact_labour_market", ""),
    concept_of("impact_attitude", ""),
    concept_of("statement_quality_positive", "agreement"),
    concept_of("statement_contact_positive", "agreement"),
    concept_of("statement_privacy_negative", "agreement"),
    concept_of("statement_impersonal_negative", "agreement"),
    concept_of("exchange_home_care", "yes_no"),
    concept_of("consent_recorded", "yes_no"),
    concept_of("computer_alone", "computer_alone"),
];

/// A concept's place in `CONCEPTS`.
pub fn concept(name: &str) -> usize {
    CONCEPTS.iter().position(|concept| concept.name == name).expect("a concept of this file")
}
