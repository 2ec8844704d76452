//! Nigeria.

use super::{Spec, digits, pattern};
use crate::checks::generic::verhoeff_holds;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("NgNinRecognizer", "NG_NIN")
        .country("ng")
        .patterns(&[pattern("NIN (Very Weak)", 0.01, r"\b\d{11}\b")])
        .context(&[
            "nin",
            "national identification number",
            "national identity number",
            "nimc",
            "national identity",
            "nigeria id",
            "nigerian identification",
        ])
        .validate(ng_nin),
    Spec::new("NgVehicleRegistrationRecognizer", "NG_VEHICLE_REGISTRATION")
        .country("ng")
        .patterns(&[pattern("Nigeria Vehicle Registration", 0.5, r"\b[A-Z]{3}[- ]?\d{3}[A-Z]{2}\b")])
        .context(&[
            "plate number",
            "vehicle registration",
            "license plate",
            "number plate",
            "plate",
            "vehicle",
            "registration",
        ]),
];

fn ng_nin(value: &str) -> Option<bool> {
    Some(verhoeff_holds(&digits::values(value)))
}
