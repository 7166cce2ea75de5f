//! Question and option texts, which change over the waves.

/// Short name of a concept as an option or a column's label.
pub fn option(concept: &str, provider: bool, wave: u16) -> String {
    let text = match concept {
        "portal_use" if provider && wave >= 2025 => "Patiënt- of cliëntenportaal",
        "portal_use" => "Patiëntportaal",
        "written_use" if wave <= 2023 => "E-consult",
        "written_use" => "Digitale schriftelijke communicatie",
        "video_use" if wave <= 2023 => "Beeldbellen",
        "video_use" => "Videobellen",
        "telemonitoring_use" if provider && wave >= 2024 => "Thuismonitoring (telemonitoring)",
        "telemonitoring_use" if provider => "Telemonitoring",
        "telemonitoring_use" => "Regelmatig meetwaarden doorgeven (thuismonitoring)",
        "pgo_use" => "Persoonlijke gezondheidsomgeving (PGO)",
        "ai_use" => "Toepassing met kunstmatige intelligentie (AI)",
        "robot_use" => "Zorgrobot",
        "medication_dispenser_use" => "Medicijndispenser",
        "medication_check_use" if wave <= 2022 => "Elektronische medicatiecontrole",
        "medication_check_use" => "Digitale dubbele medicatiecontrole",
        "safety_sensor_use" if wave <= 2022 => "Sensoren of alarmen voor veiligheid",
        "safety_sensor_use" => "Sensoren voor veiligheid",
        "safety_alarm_use" => "Alarmen voor veiligheid",
        "health_information_use" => "Gezondheidsinformatie opgezocht",
        "wearable_use" => "Smartwatch of andere wearable",
        "self_help_use" => "Zelfhulp bij psychische klachten",
        "impact_control" => "Eigen regie van de patiënt",
        "impact_accessibility" => "Toegankelijkheid van zorg",
        "impact_quality" => "Kwaliteit van zorg",
        "impact_organisability" if wave <= 2023 => "Kosten van zorg",
        "impact_organisability" => "Organiseerbaarheid en kosten van zorg",
        "impact_prevention" => "Voorkomen van (meer) zorg",
        "impact_labour_market" if wave <= 2023 => "Werkdruk",
        "impact_labour_market" => "Arbeidsmarkt (werkdruk en werkplezier)",
        "impact_attitude" => "Houding tegenover digitale zorg",
        "statement_quality_positive" => "Digitale zorg verbetert de kwaliteit van mijn zorg",
        "statement_contact_positive" => {
            "Digitale zorg maakt contact met mijn zorgverlener makkelijker"
        }
        "statement_privacy_negative" => "Ik maak mij zorgen over mijn privacy bij digitale zorg",
        "statement_impersonal_negative" => "Door digitale zorg is er te weinig persoonlijk contact",
        "care_function" => "Wat is uw functie?",
        "in_practice" => "Bent u op dit moment werkzaam in de patiëntenzorg?",
        "birth_year" if wave <= 2022 => "Wat is uw geboortejaar?",
        "birth_year" => "In welk jaar bent u geboren?",
        "age_reported" => "Wat is uw leeftijd (in jaren)?",
        "sex" if wave <= 2021 => "Bent u een man of een vrouw?",
        "sex" => "Wat is uw geslacht?",
        "education_detail" => "Wat is de hoogste opleiding die u hebt afgemaakt?",
        "digital_skill" => "Hoe digitaal vaardig vindt u uzelf?",
        "region" => "In welke regio werkt u?",
        "practice_type" => "In wat voor praktijk werkt u?",
        "hospital_type" => "In wat voor ziekenhuis werkt u?",
        "discipline" => "In welk vakgebied werkt u?",
        "sector" => "In welke sector werkt u?",
        "questionnaire_version" => "Versie van de vragenlijst",
        "gp_contact" => "Had u de afgelopen twaalf maanden contact met de huisartsenpraktijk?",
        "hospital_contact" => "Had u de afgelopen twaalf maanden contact met een ziekenhuis?",
        "home_care_contact" => "Had u de afgelopen twaalf maanden thuiszorg?",
        "exchange_home_care" => "Kunt u gegevens elektronisch uitwisselen met de thuiszorg?",
        "consent_recorded" => {
            "Hebt u toestemming voor het uitwisselen van uw gegevens laten vastleggen?"
        }
        "computer_alone" => "Kunt u zelfstandig een computer, tablet of smartphone gebruiken?",
        "duration_seconds" => "Duur van het invullen in seconden",
        _ => return compound(concept),
    };
    text.to_owned()
}

/// Care processes and contacts: the thing and what is asked about it are in the concept's name.
fn compound(concept: &str) -> String {
    if let Some(process) = concept.strip_prefix("process_") {
        let name = match process.split('_').next().unwrap_or_default() {
            "information" => "Informatie geven",
            "referring" => "Verwijzen",
            "appointment" => "Afspraken maken",
            "receiving" => "Informatie ontvangen",
            _ => "Voorbereiden op een afspraak",
        };
        return name.to_owned();
    }
    for (setting, place) in
        [("gp_", "huisartsenpraktijk"), ("hospital_", "ziekenhuis"), ("home_care_", "thuiszorg")]
    {
        if let Some(contact) = concept.strip_prefix(setting) {
            let name = match contact.split('_').next().unwrap_or_default() {
                "appointment" => "Afspraak maken",
                "information" => "Informatie ontvangen",
                _ => "Voorbereiden op een afspraak",
            };
            return format!("{name} ({place})");
        }
    }
    concept.to_owned()
}

/// The question above a block of options.
pub fn stem(block: &str, provider: bool, wave: u16) -> &'static str {
    match block {
        "use" if provider && wave <= 2022 => "Welke eHealth-toepassingen gebruikt u?",
        "use" if provider => "Welke digitale toepassingen gebruikt u of biedt u aan?",
        "use" if wave <= 2022 => "Welke vormen van eHealth hebt u het afgelopen jaar gebruikt?",
        "use" => "Welke vormen van digitale zorg hebt u de afgelopen twaalf maanden gebruikt?",
        "suitable" => "Welke zorgprocessen zijn geschikt om digitaal te doen?",
        "carried_out" => {
            "Welke zorgprocessen hebt u de afgelopen twaalf maanden digitaal uitgevoerd?"
        }
        "wanted" => "Zou u dit digitaal willen doen?",
        "received" => "Hebt u dit de afgelopen twaalf maanden digitaal gedaan?",
        "impact" if wave <= 2023 => {
            "Welke invloed heeft eHealth volgens u op (0 = zeer negatief, 10 = zeer positief)"
        }
        "impact" => {
            "Welke impact verwacht u van digitale zorg op (0 = zeer negatief, 10 = zeer positief)"
        }
        _ => "In hoeverre bent u het eens met de stelling",
    }
}
