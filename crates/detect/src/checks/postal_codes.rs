//! Postal codes by country, as the members of the Universal Postal Union describe them.

use super::forms::forms;

forms! {
    /// A postal code of any of the countries below.
    postal_code:
    postal_code_ad "AD\\d{3}";
    postal_code_ar "[A-HJ-NP-Z]\\d{4}[A-Z]{3}|[1-9]\\d{3}";
    postal_code_at "\\d{4}";
    postal_code_au "\\d{4}";
    postal_code_az "AZ\\d{4}";
    postal_code_ba "[78]\\d{4}";
    postal_code_bd "[1-8]\\d{3}|9[0-4]\\d{2}";
    postal_code_be "[1-9]\\d{3}";
    postal_code_bg "[1-9]\\d{3}";
    postal_code_br "\\d{8}";
    postal_code_by "2[1-4]\\d{4}";
    postal_code_ca "[ABCEGHJ-NPRSTVXY]\\d[ABCEGHJ-NPRSTV-Z]\\d[ABCEGHJ-NPRSTV-Z]\\d";
    postal_code_ch "[1-9]\\d{3}";
    postal_code_cn "(?:0[1-7]|1[0-356]|2[0-7]|3[0-6]|4[0-7]|5[1-7]|6[1-7]|7[1-5]|8[1345]|9[09])\\d{4}";
    /// The first two digits are the department.
    postal_code_co "(?:05|08|1[135789]|2[0357]|4[147]|5[024]|6[368]|7[036]|8[1568]|9[14579])\\d{4}";
    postal_code_cz "[1-7]\\d{4}";
    postal_code_de "0[1-9]\\d{3}|[1-9]\\d{4}";
    postal_code_dk "\\d{4}";
    postal_code_do "\\d{5}";
    postal_code_dz "\\d{5}";
    postal_code_ee "\\d{5}";
    postal_code_es "(?:0[1-9]|[1-4]\\d|5[0-2])\\d{3}";
    postal_code_fi "\\d{5}";
    postal_code_fr "(?:0[1-9]|[1-8]\\d|9[0-5])\\d{3}|97[1-8]\\d{2}|98[4678]\\d{2}";
    postal_code_gb "GIR0AA|[A-Z]{1,2}\\d[A-Z\\d]?(?:\\d[A-Z]{2})?";
    postal_code_gr "\\d{5}";
    postal_code_hr "[1-5]\\d{4}";
    postal_code_ht "HT\\d{4}";
    postal_code_hu "[1-9]\\d{3}";
    postal_code_id "\\d{5}";
    postal_code_ie "[AC-FHKNPRTV-Y](?:\\d{2}|6W)[AC-FHKNPRTV-Y\\d]{4}";
    postal_code_il "\\d{5}|\\d{7}";
    postal_code_in "(?:1[1-9]|2[0-8]|3[0-46-9]|4\\d|5[0-36-9]|6[0-47-9]|7\\d|8[0-5]|9\\d)\\d{4}";
    postal_code_ir "[13-9]{4}[1346-9][013-9]{5}";
    postal_code_is "\\d{3}";
    postal_code_it "\\d{5}";
    postal_code_jo "\\d{5}";
    postal_code_jp "\\d{7}";
    postal_code_ke "\\d{5}";
    postal_code_kr "\\d{5,6}";
    postal_code_li "94(?:8[5-9]|9[0-8])";
    postal_code_lk "\\d{5}";
    postal_code_lt "(?:LT)?\\d{5}";
    postal_code_lu "(?:L)?\\d{4}";
    postal_code_lv "(?:LV)?\\d{4}";
    postal_code_mc "980\\d{2}";
    postal_code_mg "\\d{3}";
    postal_code_mt "[A-Z]{3}\\d{4}";
    postal_code_mx "\\d{5}";
    postal_code_my "\\d{5}";
    postal_code_nl "[1-9]\\d{3}(?:[A-RT-Z][A-Z]|S[BCE-RT-Z])";
    postal_code_no "\\d{4}";
    postal_code_np "\\d{5}";
    postal_code_nz "\\d{4}";
    postal_code_pk "\\d{5}";
    postal_code_pl "\\d{5}";
    postal_code_pr "00[679]\\d{2}(?:\\d{4})?";
    postal_code_pt "\\d{7}";
    postal_code_ro "\\d{6}";
    postal_code_ru "\\d{6}";
    postal_code_sa "\\d{5}(?:\\d{4})?";
    postal_code_se "[1-9]\\d{4}";
    postal_code_sg "\\d{6}";
    postal_code_si "\\d{4}";
    postal_code_sk "[089]\\d{4}";
    postal_code_th "\\d{5}";
    postal_code_tn "\\d{4}";
    postal_code_tr "(?:0[1-9]|[1-7]\\d|8[01])\\d{3}";
    postal_code_tw "\\d{3}(?:\\d{2,3})?";
    postal_code_ua "\\d{5}";
    postal_code_us "\\d{5}(?:\\d{4})?";
    postal_code_vn "\\d{5,6}";
    postal_code_za "\\d{4}";
    postal_code_zm "\\d{5}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_hold_as_a_whole() {
        assert!(postal_code_gb(b"SW1A 1AA") && postal_code_nl(b"1012 AB") && postal_code(b"K1A 0B1"));
        assert!(!postal_code_nl(b"1012 SS") && !postal_code_fr(b"00100") && !postal_code(b"no code"));
    }
}
