//! What columns are called, in English, German, French, Spanish, Italian and Dutch.

/// A kind of data, and the words of names that say so, parted by strokes. The first line that has a word of the name decides.
const KINDS: &[(&str, &str)] = &[
    ("EMAIL_ADDRESS", "email|e mail|mail|courriel|correo|emailadresse"),
    (
        "PHONE_NUMBER",
        "phone|telephone|mobile|cell|fax|telefon|handy|mobil|telefoon|telefono|telefonnummer|mobilnummer",
    ),
    ("IBAN_CODE", "iban|bankverbindung"),
    ("SWIFT_BIC", "bic|swift"),
    ("CREDIT_CARD", "card number|cardnumber|credit card|creditcard|pan|kreditkarte|carte bancaire|tarjeta"),
    ("IP_ADDRESS", "ip|ip address|ipaddress|remote addr|client ip"),
    ("MAC_ADDRESS", "mac|mac address"),
    (
        "DATE_OF_BIRTH",
        "birth|birthday|birthdate|dob|born|geburtsdatum|geburtstag|geboren|naissance|nacimiento|nascita|\
         geboortedatum",
    ),
    ("PASSPORT", "passport|pass nr|reisepass|passnummer|passeport|pasaporte|passaporto|paspoort"),
    (
        "DRIVER_LICENSE",
        "driver license|drivers license|driving licence|fuehrerschein|führerschein|rijbewijs|patente",
    ),
    ("US_SSN", "ssn|social security number"),
    ("TAX_ID", "tax id|tin|vat|steuernummer|steuer id|ust id|codice fiscale|nif|siret"),
    (
        "NATIONAL_ID",
        "national id|identity number|id card|personalausweis|sozialversicherungsnummer|personnummer|bsn|dni|\
         nir|pesel",
    ),
    ("LICENSE_PLATE", "license plate|licence plate|number plate|kennzeichen|kenteken|targa"),
    ("MEDICAL_RECORD_NUMBER", "mrn|medical record|patient id|patient number|patientennummer"),
    ("PASSWORD", "password|passwd|pwd|passwort|kennwort|mot de passe|contraseña|wachtwoord"),
    ("API_KEY", "api key|apikey|secret|token"),
    ("USERNAME", "username|user name|login|nickname|benutzername|identifiant|usuario|gebruikersnaam"),
    (
        "POSTAL_CODE",
        "zip|zipcode|zip code|postcode|postal code|plz|postleitzahl|code postal|codigo postal|cap",
    ),
    (
        "STREET_ADDRESS",
        "street|address|adresse|anschrift|strasse|straße|rue|direccion|dirección|indirizzo|adres|straat",
    ),
    (
        "LOCATION",
        "city|town|country|region|state|ort|stadt|land|ville|pays|ciudad|pais|país|citta|città|paese|plaats|\
         birthplace|geburtsort",
    ),
    (
        "ORGANIZATION",
        "company|employer|organization|organisation|firma|arbeitgeber|entreprise|empresa|azienda|bedrijf|\
         school|university",
    ),
    ("gender", "gender|sex|geschlecht|sexe|sexo|sesso|geslacht|anrede|salutation"),
    (
        "marital status",
        "marital status|married|familienstand|etat civil|état civil|estado civil|stato civile|\
         burgerlijke staat",
    ),
    (
        "nationality",
        "nationality|citizenship|nationalitaet|nationalität|staatsangehörigkeit|staatsangehoerigkeit|\
         nationalite|nationalité|nacionalidad|nazionalita|nazionalità|nationaliteit",
    ),
    ("religion", "religion|confession|konfession|denomination|religione|religión|kirchensteuer"),
    ("ethnic origin", "ethnicity|ethnic|race|ethnie|herkunft"),
    ("political opinion", "party|political|partei"),
    ("trade union membership", "union|gewerkschaft|syndicat|sindicato|vakbond"),
    ("sexual orientation", "orientation|sexual orientation"),
    (
        "health",
        "diagnosis|disease|icd|icd10|symptom|symptoms|allergy|allergies|medication|blood type|disability|\
         diagnose|krankheit|allergie|medikament|schwerbehinderung|maladie|enfermedad|malattia|ziekte|\
         sick days|krankheitstage",
    ),
    ("biometric data", "fingerprint|faceprint|iris|voiceprint|fingerabdruck|biometric"),
    ("criminal record", "conviction|convictions|offence|offense|criminal record|vorstrafe|vorstrafen"),
    (
        "salary",
        "salary|wage|income|pay|compensation|gehalt|lohn|einkommen|bruttolohn|salaire|salario|stipendio|\
         salaris",
    ),
    ("credit rating", "credit score|credit rating|schufa|bonitaet|bonität"),
    ("occupation", "occupation|job title|profession|beruf|metier|métier|profesion|profesión|beroep"),
    ("photo", "photo|picture|avatar|selfie|foto|passfoto"),
    (
        "PERSON",
        "first name|firstname|last name|lastname|surname|given name|full name|fullname|maiden name|\
         contact person|vorname|nachname|familienname|geburtsname|ansprechpartner|prenom|prénom|nom|nombre|\
         apellido|apellidos|cognome|nome|voornaam|achternaam|customer name|patient|patient name|employee name|\
         owner|author|name",
    ),
];

/// What a column of this name holds, by its words: `CustomerE-Mail`, `customer_e-mail` and `customer e mail` are one name.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    let name = format!(" {} ", words(name));
    let says = |word: &str| name.contains(&format!(" {word} "));
    KINDS.iter().find(|(_, known)| known.split('|').any(says)).map(|(kind, _)| *kind)
}

/// In small letters, its words parted by spaces.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 8);
    let mut small_before = false;
    for c in name.chars() {
        if c.is_alphanumeric() {
            if c.is_uppercase() && small_before {
                words.push(' ');
            }
            words.extend(c.to_lowercase());
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        small_before = c.is_lowercase();
    }
    words.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_however_they_are_written() {
        for (name, expected) in [
            ("customerEMail", Some("EMAIL_ADDRESS")),
            ("customer_e-mail", Some("EMAIL_ADDRESS")),
            ("E-MAIL", Some("EMAIL_ADDRESS")),
            ("firstName", Some("PERSON")),
            ("GEBURTSDATUM", Some("DATE_OF_BIRTH")),
            ("shipping address", Some("STREET_ADDRESS")),
            ("ip_address", Some("IP_ADDRESS")),
            ("username", Some("USERNAME")),
            ("product_code", None),
            ("shipment", None),
            ("", None),
        ] {
            assert_eq!(kind(name), expected, "{name}");
        }
    }

    #[test]
    fn words_are_written_as_names_are_read() {
        for (kind, known) in KINDS {
            for word in known.split('|') {
                assert_eq!(words(word), word, "of {kind}");
            }
        }
    }
}
