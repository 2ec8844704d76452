//! VAT numbers by their shape, as the VAT Information Exchange System of the European Union and the neighbours' tax offices
//! describe them: for a label beside the number, where a wrong check digit is a slip of the pen. The national checks of
//! the same number (`de_vat`, `fr_vat`, …) want the check digit right.

use super::forms::forms;

forms! {
    /// A VAT number of any of the countries below, with the letters of its country.
    vat_number:
    vat_number_al "AL[A-Z]\\d{8}[A-Z]";
    vat_number_at "ATU\\d{8}";
    vat_number_be "BE[01]\\d{9}";
    vat_number_bg "BG\\d{9,10}";
    vat_number_ch "CHE\\d{9}(?:MWST|TVA|IVA)?";
    vat_number_cy "CY\\d{8}[A-Z]";
    vat_number_cz "CZ\\d{8,10}";
    vat_number_de "DE[1-9]\\d{8}";
    vat_number_dk "DK\\d{8}";
    vat_number_ee "EE\\d{9}";
    vat_number_es "ES(?:[A-Z]\\d{7}[A-Z0-9]|\\d{8}[A-Z])";
    vat_number_fi "FI\\d{8}";
    vat_number_fr "FR[A-HJ-NP-Z0-9]{2}\\d{9}";
    /// Three digits more name a branch; GD and HA departments and health authorities.
    vat_number_gb "(?:GB|XI)(?:\\d{7}(?:[0-8]\\d|9[0-6])(?:\\d{3})?|GD[0-4]\\d{2}|HA[5-9]\\d{2})";
    vat_number_gr "(?:EL|GR)\\d{9}";
    vat_number_hr "HR\\d{11}";
    vat_number_hu "HU\\d{8}";
    vat_number_ie "IE(?:\\d{7}[A-W][A-IW]?|\\d[A-Z]\\d{5}[A-W])";
    vat_number_is "IS\\d{5,6}";
    vat_number_it "IT\\d{11}";
    vat_number_lt "LT(?:\\d{9}|\\d{12})";
    vat_number_lu "LU\\d{8}";
    vat_number_lv "LV\\d{11}";
    vat_number_mk "MK\\d{13}";
    vat_number_mt "MT\\d{8}";
    vat_number_nl "NL\\d{9}B\\d{2}";
    vat_number_no "NO\\d{9}MVA";
    vat_number_pl "PL\\d{10}";
    vat_number_pt "PT[1-9]\\d{8}";
    vat_number_ro "RO[1-9]\\d{1,9}";
    vat_number_rs "RS\\d{9}";
    vat_number_se "SE\\d{12}";
    vat_number_si "SI\\d{8}";
    vat_number_sk "SK\\d{10}";
    vat_number_sm "SM\\d{5}";
    vat_number_tr "TR\\d{10}";
    vat_number_ua "UA\\d{12}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_is_asked_for() {
        assert!(vat_number(b"ATU13585627") && vat_number_ie(b"IE 6433435OA") && vat_number(b"GBHA599"));
        assert!(!vat_number(b"U13585627") && !vat_number_be(b"BE9234567890") && !vat_number(b"XX123456789"));
    }
}
