//! Checksums and other validity rules of identifiers.
//!
//! A check takes the text of a candidate, possibly with the separators usual for its type (spaces, hyphens, dots,
//! slashes), and says whether it can be a number that its issuer gave out. It follows the issuer's standard, allocates
//! nothing and never looks anything up.
//!
//! ```
//! use tacita_detect::checks;
//!
//! let iban = checks::by_name("iban").expect("a check of this name exists");
//! assert!(iban(b"DE89 3704 0044 0532 0130 00"));
//! assert!(!iban(b"DE88 3704 0044 0532 0130 00"));
//! ```

mod africa;
mod alpine;
mod balkans;
mod baltic;
mod benelux;
mod canada;
mod country;
mod credentials;
mod crypto;
pub(crate) mod dates;
mod devices;
mod east_asia;
mod east_europe;
mod eurasia;
mod finance;
mod forms;
mod france;
pub(crate) mod generic;
mod german_plates;
mod germany;
mod iban_registry;
mod iberia;
mod ireland_malta;
mod italy;
mod keccak;
mod latin_america;
mod license_plates;
mod middle_east;
mod network;
mod nordic;
mod oceania;
mod passports;
mod postal_codes;
mod shape;
mod south_asia;
mod symbols;
mod uk;
mod us;
mod vat_numbers;

/// Whether a value can be an identifier of one kind.
pub type Check = fn(&[u8]) -> bool;

/// The check that recognisers call `name`.
#[must_use]
pub fn by_name(name: &str) -> Option<Check> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}

/// Lists the checks by module and makes them the table by name.
macro_rules! checks {
    ($($module:ident: $($check:ident),+;)+) => {
        $(pub use $module::{$($check),+};)+

        /// All checks with the names by which recognisers call them.
        pub const CHECKS: &[(&str, Check)] = &[$($((stringify!($check), $check as Check)),+),+];
    };
}

checks! {
    africa: eg_national_id, gh_tin, ke_pin, ly_national_number, ma_ice, mu_nid, ng_nin, tn_cin,
        za_company_registration, za_driver_license, za_id_number, za_income_tax, za_license_plate,
        za_passport, za_traffic_register, za_vat;
    alpine: at_svnr, at_tin, at_vat, ch_ahv, ch_uid;
    balkans: al_nipt, cy_tin, gr_afm, gr_amka, hr_oib, jmbg, mk_edb, rs_pib, si_tax;
    baltic: ee_isikukood, ee_registrikood, ee_vat, lt_asmens_kodas, lt_vat, lv_personas_kods, lv_vat;
    benelux: be_nrn, be_vat, lu_matricule, lu_vat, nl_bsn, nl_vat;
    canada: ca_bc_phn, ca_bn, ca_ohip, ca_postal_code, ca_sin;
    credentials: account_name, basic_credentials, password_of_letters, user_and_password;
    crypto: btc, doge, eth, ltc, tron;
    devices: imei, vin, vin_checked;
    east_asia: cn_ric, cn_uscc, hk_id, jp_corporate_number, jp_my_number, kr_brn, kr_driver_license, kr_frn,
        kr_frn_checked, kr_rrn, tw_id, tw_ubn;
    east_europe: bg_egn, bg_lnch, bg_vat, cz_ico, cz_rodne_cislo, cz_vat, hu_taj, hu_tax_id, hu_vat,
        md_idnp, pl_identity_card, pl_nip, pl_pesel, pl_regon, ro_cnp, ro_cui, sk_vat;
    eurasia: az_voen, by_unp, kz_bin, kz_iin, ru_inn, ru_ogrn, ru_snils, ua_edrpou, ua_rnokpp, uz_pinfl;
    finance: aba_routing, bic, credit_card, credit_card_amex, credit_card_diners, credit_card_discover,
        credit_card_jcb, credit_card_mastercard, credit_card_unionpay, credit_card_visa, iban, isin, lei;
    france: fr_nir, fr_siren, fr_siret, fr_tax, fr_vat;
    generic: damm, icao_9303, luhn, verhoeff;
    german_plates: de_license_plate;
    germany: de_bsnr, de_health_insurance, de_id_card, de_lanr, de_passport, de_social_security, de_tax_id,
        de_vat;
    iberia: es_cif, es_nie, es_nif, es_social_security, es_vat, pt_citizen_card, pt_nif, pt_niss;
    ireland_malta: ie_pps, ie_vat, mt_identity_card, mt_vat;
    italy: it_fiscal_code, it_identity_card, it_vat, sm_coe;
    latin_america: ar_cbu, ar_cuit, br_cnpj, br_cpf, br_pis, cl_rut, co_nit, cu_ni, do_cedula, do_rnc,
        ec_ci, ec_ruc, gt_nit, mx_clabe, mx_curp, mx_rfc, mx_rfc_checked, pe_ruc, py_ruc, sv_dui, sv_nit,
        uy_ci, uy_rut, ve_rif;
    license_plates: license_plate, license_plate_al, license_plate_ar, license_plate_br, license_plate_cz,
        license_plate_es, license_plate_fi, license_plate_fr, license_plate_it, license_plate_li,
        license_plate_ng, license_plate_no, license_plate_pt, license_plate_se, license_plate_sg;
    middle_east: ae_emirates_id, il_id, ir_national_code, kw_civil_id, sa_national_id, tr_license_plate,
        tr_national_id, tr_vkn;
    network: degrees, guid, ipv4, ipv4_host, ipv6, jwt, lat_long, mac, uuid;
    nordic: dk_cpr, dk_vat, fi_hetu, fi_vat, is_kennitala, is_vat, no_fodselsnummer, no_orgnr,
        se_organisationsnummer, se_personnummer, se_vat;
    oceania: au_abn, au_acn, au_medicare, au_tfn, nz_ird, nz_nhi;
    passports: passport, passport_am, passport_ar, passport_at, passport_au, passport_az, passport_be,
        passport_bg, passport_br, passport_by, passport_ca, passport_ch, passport_cn, passport_cy,
        passport_cz, passport_de, passport_dk, passport_dz, passport_ee, passport_es, passport_fi,
        passport_fr, passport_gb, passport_gr, passport_hr, passport_hu, passport_id, passport_ie,
        passport_in, passport_ir, passport_is, passport_it, passport_jm, passport_jp, passport_kr,
        passport_kz, passport_li, passport_lt, passport_lu, passport_lv, passport_ly, passport_mt,
        passport_mx, passport_my, passport_mz, passport_nl, passport_nz, passport_ph, passport_pk,
        passport_pl, passport_pt, passport_ro, passport_ru, passport_se, passport_si, passport_sk,
        passport_th, passport_tr, passport_ua, passport_us;
    postal_codes: postal_code, postal_code_ad, postal_code_ar, postal_code_at, postal_code_au,
        postal_code_az, postal_code_ba, postal_code_bd, postal_code_be, postal_code_bg, postal_code_br,
        postal_code_by, postal_code_ca, postal_code_ch, postal_code_cn, postal_code_co, postal_code_cz,
        postal_code_de, postal_code_dk, postal_code_do, postal_code_dz, postal_code_ee, postal_code_es,
        postal_code_fi, postal_code_fr, postal_code_gb, postal_code_gr, postal_code_hr, postal_code_ht,
        postal_code_hu, postal_code_id, postal_code_ie, postal_code_il, postal_code_in, postal_code_ir,
        postal_code_is, postal_code_it, postal_code_jo, postal_code_jp, postal_code_ke, postal_code_kr,
        postal_code_li, postal_code_lk, postal_code_lt, postal_code_lu, postal_code_lv, postal_code_mc,
        postal_code_mg, postal_code_mt, postal_code_mx, postal_code_my, postal_code_nl, postal_code_no,
        postal_code_np, postal_code_nz, postal_code_pk, postal_code_pl, postal_code_pr, postal_code_pt,
        postal_code_ro, postal_code_ru, postal_code_sa, postal_code_se, postal_code_sg, postal_code_si,
        postal_code_sk, postal_code_th, postal_code_tn, postal_code_tr, postal_code_tw, postal_code_ua,
        postal_code_us, postal_code_vn, postal_code_za, postal_code_zm;
    shape: date, has_digit, secret_token, secret_value, varied;
    south_asia: id_nik, in_aadhaar, in_epic, in_gstin, in_pan, in_vehicle, lk_nic, my_nric, ph_tin, pk_cnic,
        sg_nric, sg_uen, th_tnin, vn_cccd, vn_mst;
    uk: uk_driving_licence, uk_nhs, uk_nino, uk_utr, uk_vat, uk_vehicle;
    us: us_dea, us_ein, us_itin, us_mbi, us_npi, us_ssn, us_zip;
    vat_numbers: eu_vat, vat_number, vat_number_al, vat_number_at, vat_number_be, vat_number_bg,
        vat_number_ch, vat_number_cy, vat_number_cz, vat_number_de, vat_number_dk, vat_number_ee,
        vat_number_es, vat_number_fi, vat_number_fr, vat_number_gb, vat_number_gr, vat_number_hr,
        vat_number_hu, vat_number_ie, vat_number_is, vat_number_it, vat_number_lt, vat_number_lu,
        vat_number_lv, vat_number_mk, vat_number_mt, vat_number_nl, vat_number_no, vat_number_pl,
        vat_number_pt, vat_number_ro, vat_number_rs, vat_number_se, vat_number_si, vat_number_sk,
        vat_number_sm, vat_number_tr, vat_number_ua;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (i, (name, _)) in CHECKS.iter().enumerate() {
            assert!(CHECKS[..i].iter().all(|(other, _)| other != name), "{name}");
        }
        assert!(by_name("luhn").is_some() && by_name("no such check").is_none());
    }

    #[test]
    fn no_check_takes_or_panics_on_what_is_no_identifier() {
        let long = [b'1'; 200];
        let hostile: [&[u8]; 12] = [
            b"",
            b" ",
            b"-",
            b"A",
            b"\xff\xfe\xfd",
            b"-------------",
            b"%",
            b"/",
            "é".as_bytes(),
            "１２３".as_bytes(),
            &long,
            b"(",
        ];
        // That a text has a digit or varies makes it no identifier: recognisers ask that beside other rules.
        for (name, check) in CHECKS.iter().filter(|(name, _)| !["has_digit", "varied"].contains(name)) {
            for value in hostile {
                assert!(!check(value), "{name} takes {value:?}");
            }
        }
    }

    #[test]
    fn no_check_panics_on_any_bytes() {
        // Symbols that identifiers are made of, in a fixed pseudo-random order, at every length a check may meet.
        let alphabet =
            b"0123456789012345678901234567890123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz +-./:%\xc3\xa9";
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        let mut value = [0; 40];
        for _ in 0..20_000 {
            let length = next() % value.len();
            let kinds = if next() % 2 == 0 { 40 } else { alphabet.len() };
            value[..length].fill_with(|| alphabet[next() % kinds]);
            for (_, check) in CHECKS {
                check(&value[..length]);
            }
        }
    }
}
