//! Parts of pages on which a factor is enrolled: set-up, My security and registration show the same.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentType};
use qrcode::{Color, EcLevel, QrCode};

use crate::domain::core::Settings;
use crate::domain::enrollment::authenticator::Key;
use crate::domain::enrollment::device_name::NameProblem;
use crate::domain::enrollment::recovery_codes::Codes;
use crate::domain::limits::DEVICE_NAME_LENGTH;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::secrets::Secret;

/// What `components/enroll_authenticator.html` shows; `code` and `device_name` are its fields.
#[derive(Default)]
pub struct EnrollAuthenticator {
    pub qr: Qr,
    /// The key in groups of four.
    pub key: String,
    /// The same, letter by letter, for a screen reader.
    pub spoken_key: String,
    /// An `otpauth:` link for an app on this device.
    pub link: String,
    /// The clock time until which the key waits for its first code.
    pub until: String,
    /// What was typed before.
    pub code: String,
    pub device_name: String,
}

impl EnrollAuthenticator {
    pub fn new(key: &Key, zone: &Zone) -> Result<Self, AppError> {
        let letters = key.base32.expose();
        Ok(Self {
            qr: Qr::of(key.link.expose())?,
            key: groups(letters, " "),
            spoken_key: groups(letters, ", ").chars().map(|c| format!("{c} ")).collect::<String>(),
            link: key.link.expose().clone(),
            until: zone.clock_time(key.until),
            ..Self::default()
        })
    }
}

/// Groups of four characters.
fn groups(text: &str, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

/// A QR code as plain values: the template draws it, and escapes it like everything else.
#[derive(Default)]
pub struct Qr {
    /// Modules along one side, the quiet zone among them.
    pub side: usize,
    /// The dark modules as an SVG path, one run after the other.
    pub dark: String,
}

/// Light modules around the symbol (ISO/IEC 18004 section 5.3.8).
const QUIET: usize = 4;

impl Qr {
    pub fn of(text: &str) -> Result<Self, AppError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|e| AppError::internal(format!("QR code: {e}")))?;
        let width = code.width();
        let mut dark = String::new();
        for (row, modules) in code.to_colors().chunks(width).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|a, b| a == b) {
                if run.first() == Some(&Color::Dark) {
                    let length = run.len();
                    dark.push_str(&format!("M{} {}h{length}v1h-{length}z", column + QUIET, row + QUIET));
                }
                column += run.len();
            }
        }
        Ok(Self { side: width + 2 * QUIET, dark })
    }
}

/// What `components/recovery_codes.html` shows.
#[derive(Default)]
pub struct RecoveryCodesView {
    /// In groups of four.
    pub codes: Vec<String>,
}

impl RecoveryCodesView {
    pub fn new(codes: &Codes) -> Self {
        Self { codes: codes.iter().map(|code| groups(code.expose(), "-")).collect() }
    }

    /// All of them in one field, to come back with the next post.
    pub fn posted(&self) -> String {
        self.codes.join(" ")
    }
}

/// The codes in such a field, without what stands between the groups.
pub fn posted_codes(field: &str) -> Codes {
    field.split_whitespace().take(20).map(|code| Secret::new(code.replace('-', ""))).collect()
}

/// The codes as a file to keep.
pub fn codes_file(settings: &Settings, email: &str, codes: &Codes) -> HttpResponse {
    let mut text =
        format!("Recovery codes for {}\r\nAccount: {email}\r\n{}\r\n\r\n", settings.installation, settings.public_url);
    for code in RecoveryCodesView::new(codes).codes {
        text.push_str(&code);
        text.push_str("\r\n");
    }
    text.push_str("\r\nEach code works once. Keep them away from your phone, and show them to nobody.\r\n");
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"recovery-codes.txt\""))
        .body(text)
}

pub const WRONG: &str =
    "That code does not match. Check that your device sets its clock automatically, then enter the next code.";
pub const REDRAWN: &str = "Too many codes did not match, so the key was replaced. Delete the entry in your app and scan \
                       the new QR code.";
pub const EXPIRED: &str = "The time for this key is over, so it was replaced. Delete the entry in your app and scan the \
                       new QR code.";

/// What is wrong with a device's name, in words.
pub fn name_words(problem: NameProblem) -> String {
    match problem {
        NameProblem::Empty => "Enter a name for this device.".into(),
        NameProblem::TooLong => format!("Use at most {DEVICE_NAME_LENGTH} characters for the device name."),
        NameProblem::Characters => {
            "Use letters, digits and signs only. The name has characters that cannot be seen.".into()
        }
        NameProblem::Taken => "You already have a device of this name. Enter another name.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the path back into modules, and the modules of the code beside it.
    #[test]
    fn the_path_draws_the_code() {
        let text =
            "otpauth://totp/Vestibule:d%40harbor.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Vestibule";
        let qr = Qr::of(text).expect("it fits a code");
        let mut drawn = vec![vec![false; qr.side]; qr.side];
        for run in qr.dark.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').expect("a piece of a path");
            let (y, rest) = rest.split_once('h').expect("a piece of a path");
            let (length, end) = rest.split_once("v1h-").expect("a piece of a path");
            assert_eq!(end, format!("{length}z"));
            let (x, y, length): (usize, usize, usize) =
                (x.parse().expect("numbers"), y.parse().expect("numbers"), length.parse().expect("numbers"));
            drawn[y][x..x + length].fill(true);
        }
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("it fits a code");
        assert_eq!(qr.side, code.width() + 8);
        for (y, row) in drawn.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let inside = (4..4 + code.width()).contains(&x) && (4..4 + code.width()).contains(&y);
                let expected = inside && code[(x - 4, y - 4)] == Color::Dark;
                assert_eq!(*dark, expected, "module {x}, {y}");
            }
        }
    }

    #[test]
    fn keys_and_codes_stand_in_groups_of_four() {
        assert_eq!(groups("JBSWY3DPEHPK3PXP", " "), "JBSW Y3DP EHPK 3PXP");
        let view = RecoveryCodesView::new(&vec![Secret::new("ABCDEFGHIJKLMNOPQRSTUVWX".into())]);
        assert_eq!(view.codes, ["ABCD-EFGH-IJKL-MNOP-QRST-UVWX"]);
        let back = posted_codes(&view.posted());
        assert_eq!(RecoveryCodesView::new(&back).codes, view.codes);
    }
}
