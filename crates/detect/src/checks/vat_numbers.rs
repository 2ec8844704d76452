//! VAT numbers by their shape, as the VAT Information Exchange System of the European Union and the neighbours' tax offices
//! describe them: for a label beside the number, where a wrong check digit is a slip of the pen. The national checks of
//! the same number (`de_vat`, `fr_vat`, …) want the check digit right.

use super::{
    Check,
    alpine::at_vat,
    balkans::{cy_tin, gr_afm, hr_oib, si_tax},
    baltic::{ee_vat, lt_vat, lv_vat},
    benelux::{be_vat, lu_vat, nl_vat},
    east_europe::{bg_vat, cz_vat, hu_vat, pl_nip, ro_cui, sk_vat},
    forms::forms,
    france::fr_vat,
    germany::de_vat,
    iberia::{es_vat, pt_nif},
    ireland_malta::{ie_vat, mt_vat},
    italy::it_vat,
    nordic::{dk_vat, fi_vat, se_vat},
    uk::uk_vat,
};

/// A VAT number of a member state of the European Union or of Northern Ireland, with the letters of its country and a
/// right check digit.
pub fn eu_vat(value: &[u8]) -> bool {
    let Some(country) = value.first_chunk::<2>() else { return false };
    let check: Check = match &country.map(|letter| letter.to_ascii_uppercase()) {
        b"AT" => at_vat,
        b"BE" => be_vat,
        b"BG" => bg_vat,
        b"CY" => cy_tin,
        b"CZ" => cz_vat,
        b"DE" => de_vat,
        b"DK" => dk_vat,
        b"EE" => ee_vat,
        b"EL" => gr_afm,
        b"ES" => es_vat,
        b"FI" => fi_vat,
        b"FR" => fr_vat,
        b"HR" => hr_oib,
        b"HU" => hu_vat,
        b"IE" => ie_vat,
        b"IT" => it_vat,
        b"LT" => lt_vat,
        b"LU" => lu_vat,
        b"LV" => lv_vat,
        b"MT" => mt_vat,
        b"NL" => nl_vat,
        b"PL" => pl_nip,
        b"PT" => pt_nif,
        b"RO" => ro_cui,
        b"SE" => se_vat,
        b"SI" => si_tax,
        b"SK" => sk_vat,
        b"XI" => uk_vat,
        _ => return false,
    };
    check(value)
}

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

    #[test]
    fn every_member_state_has_its_check() {
        for number in [
            "ATU13585627",
            "BE0403019261",
            "BG175074752",
            "CY10259033P",
            "CZ25123891",
            "DE136695976",
            "DK13585628",
            "EE100931558",
            "EL094259216",
            "ESJ99216582",
            "FI20774740",
            "FR40303265045",
            "HR33392005961",
            "HU12892312",
            "IE6433435F",
            "IT00743110157",
            "LT119511515",
            "LU15027442",
            "LV40003521600",
            "MT11679112",
            "NL004495445B01",
            "PL8567346215",
            "PT501964843",
            "RO18547290",
            "SE123456789701",
            "SI50223054",
            "SK2022749619",
            "XI980780684",
        ] {
            assert!(eu_vat(number.as_bytes()) && vat_number(number.as_bytes()), "{number}");
        }
        assert!(!eu_vat(b"DE136695977") && !eu_vat(b"136695976") && !eu_vat(b"US136695976") && !eu_vat(b"D"));
    }
}
