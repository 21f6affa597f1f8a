use crate::domain::password::{Context, Refusal, Word, check};
use crate::secrets::Secret;

fn try_with(context: &Context, password: &str) -> Result<(), Refusal> {
    check(&Secret::new(password.to_owned()), context)
}

fn northwind() -> Context<'static> {
    Context {
        organizations: vec!["Northwind Health", "St. Mary's"],
        installation: "Clinic Portal",
        email: "jo.bergstrom@example.com",
        username: "jbergstrom7",
        first_name: "Jo",
        last_name: "Bergström",
        ..Context::new(true)
    }
}

/// ASVS 6.2.1, 6.2.9; NIST 3.1.1.2.
#[test]
fn length_counts_code_points() {
    let (alone, with_mfa) = (Context::new(false), Context::new(true));
    assert_eq!(try_with(&alone, "tortoiselamp14"), Err(Refusal::TooShort { min: 15 }));
    assert_eq!(try_with(&alone, "tortoise lamp 9"), Ok(()));
    assert_eq!(try_with(&with_mfa, "vk3 qzt"), Err(Refusal::TooShort { min: 8 }));
    assert_eq!(try_with(&with_mfa, "vk3 qzt🐢"), Ok(()));
    // Written apart, each of these letters is two code points.
    assert_eq!(try_with(&with_mfa, "e\u{301}o\u{308}a\u{301}u\u{308}x"), Err(Refusal::TooShort { min: 8 }));

    let long: String = (0..257).map(|n| char::from(b'a' + (n * n * 7 + n / 3 % 11) as u8 % 26)).collect();
    assert_eq!(try_with(&alone, &long[..64]), Ok(()));
    assert_eq!(try_with(&alone, &long[..256]), Ok(()));
    assert_eq!(try_with(&alone, &long), Err(Refusal::TooLong));
    let emoji: String = "🐢🦊🐝🪴🍋🎈🧭".chars().cycle().take(256).collect();
    assert_eq!(try_with(&alone, &format!("{emoji}🐢")), Err(Refusal::TooLong));
}

#[test]
fn no_context_goes_below_8() {
    let context = Context { min_length: 0, ..Context::new(true) };
    assert_eq!(try_with(&context, "vk3 qzt"), Err(Refusal::TooShort { min: 8 }));
}

/// ASVS 6.2.5.
#[test]
fn any_character_but_nul() {
    let context = Context::new(false);
    for password in
        ["  tortoise lamp orbit ", "🐢 lamp 🦊 orbit 🐝 nine", "черепаха лампа орбита", "\tlamp\u{7}tortoise orbit"]
    {
        assert_eq!(try_with(&context, password), Ok(()), "{password}");
    }
    assert_eq!(try_with(&context, "tortoise\0lamp orbit"), Err(Refusal::Nul));
}

/// ASVS 6.2.4, 6.2.12.
#[test]
fn leaked_ones_are_refused_in_every_case_and_with_endings() {
    let context = Context::new(true);
    for password in [
        "password123456",
        "Password",
        "PASSWORD2026!",
        "iloveyou",
        "Sunshine1984",
        "1q2w3e4r5t",
        " letmein 2026",
        "dragon123456789",
        "monkey12345678901234",
        "P@ssw0rd2026",
        "!!Princess!!",
    ] {
        assert_eq!(try_with(&context, password), Err(Refusal::Leaked), "{password}");
    }
    assert_eq!(try_with(&Context::new(false), "password123456!"), Err(Refusal::Leaked));
    assert_eq!(try_with(&context, "correct horse battery staple"), Ok(()));
}

/// ASVS 6.2.11.
#[test]
fn names_are_refused_and_told() {
    for (password, word) in [
        ("northwind2026", Word::Organization),
        ("Northwind2026", Word::Organization),
        ("NORTHWIND HEALTH", Word::Organization),
        ("northwind-health-2026!", Word::Organization),
        ("northwind123456789012", Word::Organization),
        ("stmarys2026", Word::Organization),
        ("Vestibule2026", Word::Product),
        ("myvestibule1", Word::Product),
        ("clinicportal1", Word::Installation),
        ("Jo.Bergstrom99", Word::Email),
        ("bergstrom!!!", Word::Email),
        ("jbergstrom7!", Word::Username),
        ("Bergstro\u{308}m84", Word::LastName),
        ("jo19840612", Word::FirstName),
    ] {
        let refusal = try_with(&northwind(), password).expect_err(password);
        assert_eq!(refusal, Refusal::Name(word), "{password}");
        assert!(!refusal.to_string().contains(password));
    }
    for password in ["northwind tortoise", "jolly-lamp-orbit", "healthybanana77"] {
        assert_eq!(try_with(&northwind(), password), Ok(()), "{password}");
    }
}

#[test]
fn patterns_are_refused() {
    let context = Context::new(false);
    for password in [
        "aaaaaaaaaaaaaaa",
        "123456789012345",
        "abcabcabcabcabc",
        "098765432109876",
        "abcdefgh12345678",
        "qwertyuiopasdfgh",
        "AbCdEfGhIjKlMnOp",
        "xyzw1xyzw1xyzw1x",
        "                ",
        "🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢",
    ] {
        assert_eq!(try_with(&context, password), Err(Refusal::Pattern), "{password}");
    }
}

#[test]
fn words_for_people() {
    let words = Refusal::TooShort { min: 8 }.to_string();
    assert_eq!(words, "Use at least 8 characters.");
    let words = Refusal::Name(Word::Organization).to_string();
    assert_eq!(words, "Do not use the name of your organization.");
}
