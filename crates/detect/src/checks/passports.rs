//! Passport numbers by issuing country, as PRADO (the Council of the European Union's register of documents) and the
//! issuers describe them.

use super::forms::forms;

forms! {
    /// A passport number of any of the countries below.
    passport:
    passport_am "[A-Z]{2}\\d{7}";
    passport_ar "[A-Z]{3}\\d{6}";
    passport_at "[A-Z]\\d{7}|[A-Z]{2}\\d{7}";
    passport_au "[A-Z]\\d{7}|P[A-Z]\\d{7}";
    passport_az "[A-Z]\\d{8}";
    passport_be "[A-Z]{2}\\d{6}";
    passport_bg "\\d{9}";
    passport_br "[A-Z]{2}\\d{6}";
    passport_by "[A-Z]{2}\\d{7}";
    passport_ca "[A-Z]{2}\\d{6}|[A-Z]\\d{6}[A-Z]{2}";
    passport_ch "[A-Z]\\d{7}";
    passport_cn "G\\d{8}|E[A-HJ-NP-Z0-9]\\d{7}";
    passport_cy "[A-Z](?:\\d{6}|\\d{8})";
    passport_cz "\\d{8}";
    passport_de "[CFGHJKLMNPRTVWXYZ0-9]{9}";
    passport_dk "\\d{9}";
    passport_dz "\\d{9}";
    passport_ee "[A-Z]{1,2}\\d{7}";
    passport_es "[A-Z0-9]{2,3}\\d{6}";
    passport_fi "[A-Z]{2}\\d{7}";
    passport_fr "\\d{2}[A-Z]{2}\\d{5}";
    passport_gb "\\d{9}";
    passport_gr "[A-Z]{2}\\d{7}";
    passport_hr "\\d{9}";
    passport_hu "[A-Z]{2}\\d{6,7}";
    passport_id "[A-CEX]\\d{7}";
    passport_ie "[A-Z0-9]{2}\\d{7}";
    passport_in "[A-Z]\\d{7}";
    passport_ir "[A-Z]\\d{8}";
    passport_is "A\\d{7}";
    passport_it "[A-Z0-9]{2}\\d{7}";
    passport_jm "A\\d{7}";
    passport_jp "[A-Z]{2}\\d{7}";
    passport_kr "[MSROD]\\d{8}|[MSROD]\\d{3}[A-Z]\\d{4}";
    passport_kz "[A-Z]\\d{7,8}";
    passport_li "[A-Z]\\d{5}";
    passport_lt "[A-Z0-9]{8}";
    passport_lu "[A-Z0-9]{8}";
    passport_lv "[A-Z0-9]{2}\\d{7}";
    passport_ly "[A-Z0-9]{8}";
    passport_mt "\\d{7}";
    passport_mx "[A-Z]\\d{8}";
    passport_my "[AHK]\\d{8}";
    passport_mz "[A-Z]{2}\\d{7}|\\d{2}[A-Z]{2}\\d{5}";
    passport_nl "[A-Z]{2}[A-Z0-9]{6}\\d";
    passport_nz "(?:L[ADFH]|E[AP]|N|R[A-Z])\\d{6}";
    passport_ph "[A-Z]{1,2}\\d{6}|[A-Z]\\d{7}[A-Z]|[A-Z]{2}\\d{7}";
    passport_pk "[A-Z]{2}\\d{7}";
    passport_pl "[A-Z]{2}\\d{7}";
    passport_pt "[A-Z]{1,2}\\d{6}";
    passport_ro "\\d{8,9}";
    passport_ru "\\d{9}";
    passport_se "\\d{8}";
    passport_si "P[A-Z]\\d{7}";
    passport_sk "[0-9A-Z]\\d{7}";
    passport_th "[A-Z]{1,2}\\d{6,7}";
    passport_tr "[A-Z]\\d{8}";
    passport_ua "[A-Z]{2}\\d{6}";
    passport_us "\\d{9}|[A-Z]\\d{8}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_hold_as_a_whole() {
        assert!(passport_de(b"C01X00T47") && passport_us(b"A12345678") && passport(b"zs 0000177"));
        assert!(!passport_de(b"C01X00T478") && !passport_us(b"AB1234567") && !passport(b"no passport"));
    }
}
