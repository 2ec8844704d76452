//! United States: numbers of health care administration, by their labels.

use super::{Spec, composed, pattern};

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("UsClaimNumberRecognizer", "US_CLAIM_NUMBER")
        .country("us")
        .patterns(&[
            composed("Claim number (labelled)", 0.35, || {
                labelled(r"(?:(?:medical|healthcare)\s+)?claim", r"(?:CLM-?)?\d{6,15}")
            }),
            pattern("Claim number (weak prefixed)", 0.1, r"\bCLM-?\d{6,15}\b"),
        ])
        .context(&["claim", "billing"]),
    Spec::new("UsHealthInsuranceMemberIdRecognizer", "US_HEALTH_INSURANCE_MEMBER_ID")
        .country("us")
        .patterns(&[pattern(
            "Health insurance member ID (weak)",
            0.1,
            r"\b(?=[A-Z0-9-]{6,20}\b)(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*\d)[A-Z]{1,5}-?[A-Z0-9]{5,14}\b",
        )])
        .context(&["member", "subscriber", "insurance", "policy"]),
    Spec::new("UsPrescriptionNumberRecognizer", "US_PRESCRIPTION_NUMBER")
        .country("us")
        .patterns(&[
            composed("Prescription number (Rx labelled)", 0.6, || labelled("rx", r"(?:RX-?)?\d{6,12}")),
            composed("Prescription number (labelled)", 0.35, || {
                labelled("prescription", r"(?:RX-?)?\d{6,12}")
            }),
            pattern("Prescription number (weak prefixed)", 0.1, r"\bRX-?\d{6,12}\b"),
        ])
        .context(&["prescription", "pharmacy", "medication"]),
    Spec::new("UsPriorAuthorizationNumberRecognizer", "US_PRIOR_AUTHORIZATION_NUMBER")
        .country("us")
        .patterns(&[
            composed("Prior authorization number (labelled)", 0.35, || {
                labelled(
                    r"(?:prior\s+auth(?:orization)?|(?:pre)?authorization|pre-auth)",
                    r"(?:PA-?)?\d{6,12}",
                )
            }),
            pattern("Prior authorization number (weak prefixed)", 0.1, r"\bPA-?\d{6,12}\b"),
        ])
        .context(&["authorization", "auth", "preauthorization", "approval"]),
    Spec::new("UsProviderTaxIdRecognizer", "US_PROVIDER_TAX_ID")
        .country("us")
        .patterns(&[
            composed("Provider tax ID (labelled)", 0.35, || labelled(&provider_tax_label(), EMPLOYER_NUMBER)),
            composed("Provider tax ID (weak valid EIN)", 0.1, || format!(r"\b{EMPLOYER_NUMBER}\b")),
        ])
        .context(&["tax", "tin", "ein", "billing"]),
    Spec::new("UsReferralNumberRecognizer", "US_REFERRAL_NUMBER")
        .country("us")
        .patterns(&[
            composed("Referral number (labelled)", 0.35, || {
                labelled(r"(?:infusion\s+)?referral", r"(?:(?:REF|INF)-?)?\d{6,12}")
            }),
            pattern("Referral number (weak prefixed)", 0.1, r"\b(?:REF|INF)-?\d{6,12}\b"),
        ])
        .context(&["referral", "infusion", "specialty", "referring"]),
];

/// The prefixes that the Internal Revenue Service gives to employers, and seven digits.
const EMPLOYER_NUMBER: &str =
    r"(?:0[1-6]|1[0-6]|2[0-7]|3[0-9]|4[0-8]|5[0-9]|6[0-8]|7[1-7]|8[0-8]|9[0-589])-\d{7}";

/// `value` right after `label` and what may stand between them: `label # 1`, `label no. 1`, `label: 1`, `label 1`.
fn labelled(label: &str, value: &str) -> String {
    let between = r"(?:\s*(?:#|no\.?|number|id)\s*:?\s*|\s*:\s*|\s+)";
    format!(r"(?<=\b{label}{between}){value}\b")
}

fn provider_tax_label() -> String {
    let provider = r"(?:(?:billing|rendering|healthcare)\s+provider|provider(?:\s+organization)?)";
    let number = r"(?:tax\s*(?:id|number|identification\s+number)|tin|ein)";
    format!(r"(?:{provider}\s+{number}|billing\s+provider)")
}
