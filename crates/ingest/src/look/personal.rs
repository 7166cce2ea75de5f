//! Headers of columns that tell who somebody is.

use survey::header::squeezed;

/// Whether a header is a word for what tells who somebody is, with a number behind it or not.
pub(super) fn is_personal_header(header: &str) -> bool {
    const WORDS: [&str; 44] = [
        "name",
        "fullname",
        "firstname",
        "lastname",
        "surname",
        "middlename",
        "naam",
        "voornaam",
        "achternaam",
        "tussenvoegsel",
        "voorletters",
        "initials",
        "email",
        "emailaddress",
        "mail",
        "emailadres",
        "telephone",
        "telephonenumber",
        "phone",
        "phonenumber",
        "tel",
        "mobile",
        "mobilephone",
        "cellphone",
        "telefoon",
        "telefoonnummer",
        "mobiel",
        "address",
        "homeaddress",
        "street",
        "streetaddress",
        "adres",
        "straat",
        "huisnummer",
        "postcode",
        "postalcode",
        "zip",
        "zipcode",
        "dob",
        "dateofbirth",
        "birthdate",
        "geboortedatum",
        "ipaddress",
        "ipadres",
    ];
    const OTHERS: [&str; 6] = ["ip", "bsn", "ssn", "iban", "ipaddr", "socialsecuritynumber"];
    let word: String = squeezed(header).chars().filter(|sign| sign.is_alphabetic()).collect();
    WORDS.contains(&word.as_str()) || OTHERS.contains(&word.as_str())
}
