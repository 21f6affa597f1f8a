//! Backup and restore, rehearsed as the handbook says: copied while people sign in, put back after a change.
//! Users and factors are as of the copy, and nothing that was open before lets anybody in. On SQLite
//! always; PostgreSQL's own tools are rehearsed in `nodes::restore`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::crash::{FACTORS, PEOPLE};
use super::open_doors::{Open, by_password};
use crate::command_line::create_owner::IDA;
use crate::support::program::{Database, Program, client};
use crate::support::smtp::{Security, SmtpServer};

const RESTORED: &str = "SELECT details AS line FROM audit_entries WHERE action = 'database_restored'";

/// Somebody who signs in over and over while something else goes on, on a thread of their own.
fn keep_signing_in(program: &Program, stop: &Arc<AtomicBool>, done: &Arc<AtomicUsize>) -> JoinHandle<()> {
    let (base, stop, done) = (program.base.clone(), stop.clone(), done.clone());
    let password = program.people.people["exempt"].password.clone().expect("a password");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let http = client();
            while !stop.load(Ordering::Relaxed) {
                by_password(&http, &base, "exempt", &password).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    })
}

async fn until_signed_in(times: usize, done: &AtomicUsize) {
    let begun = Instant::now();
    while done.load(Ordering::Relaxed) < times {
        assert!(begun.elapsed() < Duration::from_secs(180), "nobody can sign in beside the backup");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// ASVS 7.4.1.
#[tokio::test]
async fn after_a_restore_people_are_as_of_the_copy_and_nothing_old_opens() {
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare(mail.port);
    let http = client();
    program.start(&http).await;
    let mut open = Open::all(&program, &http, &mail).await;
    let (people, factors) = (program.open().lines(PEOPLE), program.open().lines(FACTORS));

    let copy = program.path("copy.db").display().to_string();
    let (stop, done) = (Arc::default(), Arc::default());
    let busy = keep_signing_in(&program, &stop, &done);
    until_signed_in(1, &done).await;
    let ran = program.run(&["backup", "--to", &copy], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    until_signed_in(done.load(Ordering::Relaxed) + 2, &done).await;
    stop.store(true, Ordering::Relaxed);
    busy.join().expect("every sign-in beside it was answered");

    open.change_password(&program).await;
    assert_ne!(program.open().lines(PEOPLE), people, "something has changed since");
    let ran = program.run(&["restore", "--from", &copy], "");
    assert!(ran.code == 1 && ran.err.contains("in use"), "{ran:?}");
    open.are_open().await;

    program.ask_to_end();
    assert_eq!(program.exit_code(), Some(0));
    let ran = program.run(&["restore", "--from", &copy], "");
    assert!(ran.code == 0 && ran.out.contains("What was there before is kept"), "{ran:?}");
    assert_eq!((program.open().lines(PEOPLE), program.open().lines(FACTORS)), (people, factors));
    let ran = program.run(&["verify-audit"], "");
    assert!(ran.code == 0 && ran.out.contains("hold"), "{ran:?}");

    program.start(&http).await;
    open.are_closed().await;
    open.sign_in_anew(&program, &mail).await;
    program.open().is_whole();
    let noted = program.open().lines(RESTORED);
    assert!(noted.len() == 1 && noted[0].contains("\"via\""), "once: {noted:?}");
    let kept = fs::read_dir(program.path(".")).expect("the folder").flatten();
    let kept = kept.map(|file| file.file_name().to_string_lossy().into_owned());
    // Its log may lie beside it.
    let is_file = |name: &String| name.contains(".before-") && name.ends_with(|last: char| last.is_ascii_digit());
    assert_eq!(kept.filter(is_file).count(), 1);
    assert!(program.run(&["verify-audit"], "").code == 0);
}

/// Whoever puts the copy in place by hand and forgets the command: the copy says of itself that it is one.
#[tokio::test]
async fn a_copy_that_was_put_back_by_hand_is_noticed_at_the_start_and_once() {
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare(mail.port);
    let http = client();
    program.start(&http).await;
    let mut open = Open::all(&program, &http, &mail).await;
    let copy = program.path("copy.db").display().to_string();
    assert_eq!(program.run(&["backup", "--to", &copy], "").code, 0);

    // A start on the database that was always there ends nothing.
    program.kill();
    program.start(&http).await;
    open.are_open().await;

    program.kill();
    program.forget_everybody();
    fs::copy(&copy, program.path("vestibule.db")).expect("it is put back");
    program.start(&http).await;
    assert!(program.log().contains("put back from a copy"), "{}", program.log());
    open.are_closed().await;
    let mut witness = open.sign_in_anew(&program, &mail).await;
    program.kill();
    program.start(&http).await;
    witness.get("/home").await;
    witness.must_be_at("/home");
    assert_eq!(program.open().lines(RESTORED).len(), 1);
}

/// The database a copy took the place of is a copy from then on: whoever goes back to it by hand opens nothing.
#[tokio::test]
async fn what_a_restore_keeps_aside_is_a_copy_too() {
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare(mail.port);
    let http = client();
    program.start(&http).await;
    let copy = program.path("copy.db").display().to_string();
    assert_eq!(program.run(&["backup", "--to", &copy], "").code, 0);
    let mut open = Open::all(&program, &http, &mail).await;
    program.kill();
    let ran = program.run(&["restore", "--from", &copy], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.out.contains("cannot be marked"), "{ran:?}");
    let (_, aside) = ran.out.split_once("is kept as ").expect("where it is kept");
    let aside = aside.lines().next().expect("a line").trim_end_matches('.');

    program.forget_everybody();
    fs::copy(aside, program.path("vestibule.db")).expect("it is put back");
    program.start(&http).await;
    assert!(program.log().contains("put back from a copy"), "{}", program.log());
    open.are_closed().await;
}

/// Killed between copying and marking, a backup must not leave what nobody can tell from the database itself:
/// under its name a copy is whole, marked and closed to others from the first moment on.
#[tokio::test]
async fn a_copy_has_its_name_once_it_is_marked() {
    let program = Program::prepare(9);
    let (copy, part) = (program.path("copy.db"), program.path("copy.db.part"));
    // What a run that was killed has left.
    fs::write(&part, "half a copy").expect("it is written");
    fs::set_permissions(&part, fs::Permissions::from_mode(0o644)).expect("anybody may read it");
    fs::write(program.path("copy.db.part-journal"), "half a journal").expect("it is written");
    let seen = {
        let copy = copy.clone();
        std::thread::spawn(move || {
            let begun = Instant::now();
            loop {
                match fs::read(&copy) {
                    Ok(bytes) => return bytes,
                    Err(_) => assert!(begun.elapsed() < Duration::from_secs(180), "there is no copy"),
                }
            }
        })
    };
    let ran = program.run(&["backup", "--to", &copy.display().to_string()], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let seen = seen.join().expect("it was seen");
    assert!(seen == fs::read(&copy).expect("the copy"), "it was seen before it was whole");
    let mark = "SELECT mark AS line FROM restore_marks";
    assert_eq!(Database::at(&copy).lines(mark), ["copy"]);
    assert_eq!(fs::metadata(&copy).expect("the copy").permissions().mode() & 0o777, 0o600);
    let left: Vec<_> = fs::read_dir(program.path(".")).expect("the folder").flatten().map(|f| f.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".part")), "{left:?}");

    // Nothing is written through a link, nor over a file with another name, whoever put it there; and a name that is
    // taken is left alone, be it a link that leads nowhere.
    let precious = program.path("precious");
    fs::write(&precious, "precious").expect("it is written");
    let (third, planted) = (program.path("third.db"), program.path("third.db.part"));
    std::os::unix::fs::symlink(&precious, &planted).expect("a link");
    let ran = program.run(&["backup", "--to", &third.display().to_string()], "");
    assert!(ran.code == 1 && !third.exists(), "{ran:?}");
    fs::remove_file(&planted).expect("the link goes");
    fs::hard_link(&precious, &planted).expect("a second name");
    let ran = program.run(&["backup", "--to", &third.display().to_string()], "");
    assert!(ran.code == 1 && ran.err.contains("somebody else's") && !third.exists(), "{ran:?}");
    fs::remove_file(&planted).expect("the name goes");
    std::os::unix::fs::symlink(program.path("nowhere"), &third).expect("a link");
    let ran = program.run(&["backup", "--to", &third.display().to_string()], "");
    assert!(ran.code == 1 && ran.err.contains("left alone"), "{ran:?}");
    assert_eq!(fs::read_to_string(&precious).expect("it is there"), "precious");

    // Neither a copy nor one that somebody else is writing is touched.
    let ran = program.run(&["backup", "--to", &copy.display().to_string()], "");
    assert!(ran.code == 1 && ran.err.contains("left alone"), "{ran:?}");
    let (other, writing) = (program.path("other.db"), program.path("other.db.part"));
    let writing = fs::File::create(&writing).expect("a file");
    rustix::fs::flock(&writing, rustix::fs::FlockOperation::LockExclusive).expect("it is held");
    let ran = program.run(&["backup", "--to", &other.display().to_string()], "");
    assert!(ran.code == 1 && ran.err.contains("somebody else") && !other.exists(), "{ran:?}");
}

/// A snapshot of the disk says nothing of itself: the command without a copy does the rest.
#[tokio::test]
async fn the_command_alone_ends_what_is_open_in_a_snapshot() {
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare(mail.port);
    let http = client();
    program.start(&http).await;
    let mut open = Open::all(&program, &http, &mail).await;
    let ran = program.run(&["restore", "--yes"], "");
    assert!(ran.code == 1 && ran.err.contains("is in use; stop the portal first"), "{ran:?}");
    program.kill();
    for typed in ["", "no\n", "y\n"] {
        let ran = program.run(&["restore"], typed);
        assert!(ran.code == 1 && ran.err.contains("nothing was changed"), "{ran:?}");
        assert!(ran.out.contains("all sessions") && ran.out.contains("Type yes:"), "{ran:?}");
    }
    assert!(!program.open().lines("SELECT id AS line FROM sessions").is_empty(), "nothing ended without a yes");
    let ran = program.run(&["restore"], "yes\n");
    assert!(ran.code == 0 && ran.out.contains("Everybody signs in anew"), "{ran:?}");
    assert!(program.open().lines("SELECT id AS line FROM sessions").is_empty());
    program.start(&http).await;
    open.are_closed().await;
}

/// What waited in the copy may have gone out since, and its link is over.
#[tokio::test]
async fn an_invitation_that_waited_in_the_copy_is_not_mailed_and_a_notice_is() {
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare(mail.port);
    // Nothing goes out while the portal stands still.
    assert_eq!(program.run(&IDA, "").code, 0);
    let reset = program.run(&["reset-mfa", "--reason", "Telephone lost", "phone.only"], "yes\n");
    assert_eq!(reset.code, 0, "{reset:?}");
    assert_eq!(program.run(&["restore", "--yes"], "").code, 0);
    program.start(&client()).await;
    let begun = Instant::now();
    while !mail.received().iter().any(|mail| mail.header("To").is_some_and(|to| to.contains("phone.only"))) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the notice was not sent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    const ROW: &str = "SELECT state || ': ' || coalesce(last_error, '') AS line FROM outbox_messages
        WHERE recipient = 'ida@maplegrove.example'";
    assert_eq!(program.open().lines(ROW), ["failed: The database was put back from a copy."]);
}

#[tokio::test]
async fn what_is_no_whole_copy_is_not_put_back() {
    let program = Program::prepare(9);
    let before = fs::read(program.path("vestibule.db")).expect("the database");
    let mut damaged = before.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8_192].fill(0xA5);
    for (name, content, words) in [
        ("letter.db", b"Dear Sir or Madam".repeat(99), "letter.db"),
        ("damaged.db", damaged, "damaged.db"),
        ("half.db", before[..middle].to_vec(), "half.db"),
        ("empty.db", Vec::new(), "no database of this program"),
    ] {
        fs::write(program.path(name), content).expect("it is written");
        let ran = program.run(&["restore", "--from", &program.path(name).display().to_string()], "");
        assert!(ran.code == 1 && ran.err.contains(words), "{name}: {ran:?}");
    }
    let ran = program.run(&["restore", "--from", "nowhere.db"], "");
    assert!(ran.code == 1 && ran.err.contains("there is no database at nowhere.db"), "{ran:?}");
    assert!(fs::read(program.path("vestibule.db")).expect("the database") == before, "it was left alone");
}
