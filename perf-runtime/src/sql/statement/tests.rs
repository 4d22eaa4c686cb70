use super::without_values;

#[track_caller]
fn becomes(statement: &str, expected: &str) {
    assert_eq!(without_values(statement), expected, "{statement}");
}

#[test]
fn literals_and_parameters_become_question_marks() {
    becomes("SELECT name FROM users WHERE id = 7", "SELECT name FROM users WHERE id = ?");
    becomes("select 1, -2.5e-3, .5, 0x1F, 1_000 as n", "select ?, - ?… as n");
    becomes(
        "SELECT * FROM t WHERE a = 'it''s' AND b = x'ab' AND c = E'q'",
        "SELECT * FROM t WHERE a = ? AND b = ? AND c = ?",
    );
    becomes(
        "SELECT * FROM t WHERE a = $1 AND b = ?2 AND c = :name AND d = @p1",
        "SELECT * FROM t WHERE a = ? AND b = ? AND c = ? AND d = ?",
    );
    becomes("SELECT $$it's secret$$, $tag$ $$ more $tag$ FROM t", "SELECT ?… FROM t");
    becomes("SELECT U&'d\u{e4}ta', _utf8'secret', N'n' FROM t", "SELECT ?… FROM t");
}

#[test]
fn names_stay() {
    becomes("SELECT t2.c3 FROM db_2024.table_1 AS t2", "SELECT t2.c3 FROM db_2024.table_1 AS t2");
    becomes("SELECT `a 1` FROM `users`", "SELECT `a 1` FROM `users`");
    becomes(r#"SELECT "u"."id" FROM "users" "#, r#"SELECT "u"."id" FROM "users""#);
    becomes(r#"UPDATE "users" SET "a" = $1 WHERE "u"."id" = 2"#, r#"UPDATE "users" SET "a" = ? WHERE "u"."id" = ?"#);
    becomes(
        r#"SELECT a FROM (SELECT b FROM "t") JOIN "u" WHERE c IN (WITH d AS (SELECT 1) SELECT e FROM "v")"#,
        r#"SELECT a FROM (SELECT b FROM "t") JOIN "u" WHERE c IN (WITH d AS (SELECT ?) SELECT e FROM "v")"#,
    );
    becomes("SELECT a::text, count(*) FROM größe", "SELECT a::text, count (*) FROM größe");
    becomes("SELECT a||b FROM #t WHERE a>=1 AND b<>2", "SELECT a || b FROM # t WHERE a >= ? AND b <> ?");
    becomes("SELECT a FROM t WHERE b @> c AND d -> 'k' = 1", "SELECT a FROM t WHERE b @> c AND d -> ? = ?");
}

#[test]
fn lists_of_values_are_as_long_as_each_other() {
    becomes("SELECT * FROM t WHERE id IN (1,2,3)", "SELECT * FROM t WHERE id IN (?…)");
    becomes("SELECT * FROM t WHERE id IN (1, 2)", "SELECT * FROM t WHERE id IN (?…)");
    becomes("SELECT * FROM t WHERE id IN (1)", "SELECT * FROM t WHERE id IN (?)");
    becomes("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, 'z')", "INSERT INTO t (a, b) VALUES (?…)…");
    becomes("INSERT INTO t (a) VALUES ($1), ($2), ($3), ($4)", "INSERT INTO t (a) VALUES (?)…");
}

#[test]
fn white_space_and_comments_go() {
    becomes("  SELECT\n\t1 ; ", "SELECT ?;");
    becomes(
        "SELECT a -- of secret\nFROM t /* secret */ WHERE b=1 # secret\n AND c",
        "SELECT a FROM t WHERE b = ? AND c",
    );
    becomes("SELECT a /* no end, secret", "SELECT a");
    becomes("SELECT a /* outer /* secret */ 'secret' */ FROM t", "SELECT a");
    becomes("", "");
}

#[test]
fn where_dialects_differ_nothing_is_left_that_may_be_a_value() {
    // A backslash escapes the quote in MySQL alone.
    becomes(r"SELECT * FROM t WHERE a = 'x\' OR b = 'secret' OR c = 1", "SELECT * FROM t WHERE a = ? …");
    becomes(r"SELECT * FROM t WHERE a = 'x\\' OR b = 'secret'", "SELECT * FROM t WHERE a = ? …");
    // So are comments behind `#`, also where names stand elsewhere, and before what is a sign elsewhere.
    becomes("SELECT # Smith's orders\n name FROM users WHERE id = 'secret'", "SELECT name FROM users WHERE id = ?");
    becomes("SELECT a FROM #Smith's orders\n t WHERE id = 'secret'", "SELECT a FROM t WHERE id = ?");
    becomes("SELECT a FROM t #- don't\n WHERE a = 'secret'", "SELECT a FROM t WHERE a = ?");
    becomes("SELECT a FROM t #> don't\n WHERE a = 'secret'", "SELECT a FROM t WHERE a = ?");
    // Double quotes are MySQL's literals.
    becomes(r#"SELECT * FROM t WHERE a = "secret" AND b IN ("x", "y")"#, "SELECT * FROM t WHERE a = ? AND b IN (?…)");
    becomes(r#"SELECT "secret" AS "secret" FROM t"#, "SELECT ? AS ? FROM t");
    becomes(r#"INSERT INTO log SELECT "secret", "secret" FROM t"#, "INSERT INTO log SELECT ?… FROM t");
    becomes(r#"ALTER USER a IDENTIFIED WITH plugin AS "secret""#, "ALTER USER a IDENTIFIED WITH plugin AS ?");
    // Also in SQLite, where parameters may be numbered as PostgreSQL's are.
    becomes(r#"SELECT * FROM t WHERE a = $1 AND b = "secret""#, "SELECT * FROM t WHERE a = ? AND b = ?");
    becomes(r#"SELECT a FROM t WHERE b = "Bob's $5 secret""#, "SELECT a FROM t WHERE b = ?");
    becomes(r#"/* don't */ SELECT a FROM t WHERE b = '$5' AND c = "secret""#, "SELECT a FROM t WHERE b = ? AND c = ?");
    // Not every FROM has a name behind it.
    becomes(r#"SELECT a FROM t WHERE b IS DISTINCT FROM "secret""#, "SELECT a FROM t WHERE b IS DISTINCT FROM ?");
    becomes(r#"SELECT trim(both "x" FROM "secret") FROM "t""#, r#"SELECT trim (both ? FROM ?) FROM "t""#);
    // A number follows.
    becomes(r#"SELECT "secret" .5"#, "SELECT ? ?");
    becomes("SELECT a FROM t WHERE c#>>'{x}'=$1", "SELECT a FROM t WHERE c");
    becomes("SELECT * FROM t WHERE a = 'secret", "SELECT * FROM t WHERE a = ? …");
    becomes("SELECT $q$ secret", "SELECT ? …");
}

#[test]
fn what_is_long_is_cut() {
    let columns: Vec<String> = (0..200).map(|number| format!("column_{number}")).collect();
    let statement = format!("SELECT {} FROM t WHERE a = 'secret'", columns.join(", "));
    let kept = without_values(&statement);
    assert!(kept.len() <= 510 && kept.ends_with(" …"), "{kept}");
    let many = format!("SELECT * FROM t WHERE id IN ({})", "'secret', ".repeat(10_000));
    assert_eq!(without_values(&many), "SELECT * FROM t WHERE id IN (?… …");
}

/// Texts of so many pieces at most, in any order.
fn texts(pieces: &[&str], longest: usize) -> impl Iterator<Item = String> {
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    (0..20_000).map(move |_| (0..random(longest)).map(|_| pieces[random(pieces.len())]).collect())
}

#[test]
fn no_inside_of_a_literal_or_a_comment_stays() {
    // Each is whole, so in whatever order they come, each is what it is.
    const PIECES: [&str; 30] = [
        "SELECT ",
        "a",
        " = ",
        ", ",
        "(",
        ")",
        "7",
        "?",
        "$1",
        "\n",
        " FROM t ",
        " DISTINCT FROM ",
        "(both 'secret' FROM \"secret\")",
        "'secret'",
        "'sec''ret secret'",
        "'it''s $5 secret'",
        "'say \"secret'",
        "E'secret'",
        "\"secret\"",
        "\"it's $5 secret\"",
        "\"sec\"\"ret secret\"",
        "\"# secret\"",
        " $$ it's secret $$",
        " $q$ \"secret $q$",
        "-- don't secret\n",
        "# don't secret\n",
        "# \"secret\n",
        "/* don't secret */",
        "/* $1 \"secret */",
        " AS \"secret\" ",
    ];
    // Behind `DISTINCT` this is no clause, and what follows no name.
    for statement in texts(&PIECES, 12) {
        let kept = without_values(&statement);
        assert!(!kept.contains("secret") && !kept.contains("don"), "{statement:?} becomes {kept:?}");
    }
}

#[test]
fn nothing_that_a_database_takes_for_a_literal_or_a_comment_is_left() {
    // Pieces of statements in any order: whatever they make, no literal's inside may stay. Each `secret` gets a number.
    const PIECES: [&str; 26] = [
        "SELECT ",
        "a",
        " = ",
        "'secret'",
        "'sec''ret secret'",
        "\"secret\"",
        "\"it's $5 secret\"",
        "'say \"secret\"'",
        "\"",
        "'",
        "\\",
        "\n",
        "-- secret\n",
        "-- don't\n",
        "/* secret */",
        "/* don't */",
        "$1",
        "$$ secret $$",
        "?",
        "(",
        ")",
        ", ",
        "7",
        " FROM t ",
        "E'secret'",
        ".5",
    ];
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut checked = 0;
    for _ in 0..50_000 {
        let pieces: String = (0..random(12)).map(|_| PIECES[random(PIECES.len())]).collect();
        let mut parts = pieces.split("secret");
        let first = parts.next().unwrap().to_owned();
        let statement = parts.enumerate().fold(first, |whole, (at, part)| format!("{whole}secret{at}_{part}"));
        let kept = without_values(&statement);
        for dialect in [Dialect::MySql, Dialect::PostgreSql, Dialect::Sqlite] {
            for hidden in dialect.hidden(&statement).unwrap_or_default() {
                for secret in hidden.match_indices("secret").map(|(at, _)| &hidden[at..]) {
                    let secret = &secret[..=secret.find('_').unwrap()];
                    assert!(!kept.contains(secret), "{dialect:?}: {statement:?} becomes {kept:?}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 50_000, "{checked}");
}

/// How a database itself cuts a statement: written apart from the code above, and for one database at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dialect {
    MySql,
    PostgreSql,
    Sqlite,
}

impl Dialect {
    /// The insides of literals and comments; `None` if one has no end, so that the database refuses the statement.
    fn hidden(self, statement: &str) -> Option<Vec<&str>> {
        let mut hidden = Vec::new();
        let mut at = 0;
        while let Some(letter) = statement[at..].chars().next() {
            let rest = &statement[at..];
            let is_escaping = self == Dialect::MySql || statement[..at].ends_with('E');
            let len = match letter {
                '\'' => quoted_len(rest, is_escaping)?,
                '"' => quoted_len(rest, self == Dialect::MySql)?,
                '-' if rest.starts_with("--") => rest.find('\n').map_or(rest.len(), |end| end + 1),
                '/' if rest.starts_with("/*") => rest.find("*/")? + 2,
                '$' if rest.starts_with("$$")
                    && self == Dialect::PostgreSql
                    && !statement[..at].ends_with(is_of_name) =>
                {
                    rest[2..].find("$$")? + 4
                }
                _ => {
                    at += letter.len_utf8();
                    continue;
                }
            };
            // Beside a dot stands a name.
            let is_name = letter == '"'
                && (statement[..at].trim_end().ends_with('.') || rest[len..].trim_start().starts_with('.'));
            if !is_name {
                hidden.push(&rest[..len]);
            }
            at += len;
        }
        Some(hidden)
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$')
}

fn quoted_len(text: &str, is_escaping: bool) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && is_escaping {
            letters.next();
        } else if letter == quote && letters.next_if(|next| next.1 == quote).is_none() {
            return Some(at + 1);
        }
    }
    None
}
