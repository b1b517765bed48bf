/// The tables, in numbered steps.
///
/// A step is never changed once it was released. It leaves everything that the release before it uses, so that two releases
/// run side by side during a deployment.
struct PostgresSchema: Sendable {
    let sql: PostgresSQL

    /// The schema this release writes.
    static let current: Int64 = 1
    /// The oldest schema whose releases may still write into tables of this one.
    static let oldestWriter: Int64 = 1

    /// The script of every step, from first to last.
    var steps: [String] { [self.first + "\n" + self.rate] }

    /// What a person runs who creates the tables by hand.
    var script: String {
        self.steps.enumerated().map { number, step in "-- Step \(number + 1)\n" + self.whole(step, Int64(number + 1)) }
            .joined(separator: "\n")
    }

    /// A step with the note that it was made.
    func whole(_ step: String, _ number: Int64) -> String {
        """
        \(step)
        INSERT INTO \(self.sql.schema).ring_schema (version, oldest_writer)
            VALUES (\(number), \(Self.oldestWriter))
            ON CONFLICT (version) DO NOTHING;

        """
    }

    /// The rate budget that all processes share. Nothing of it survives a crash of the server, or is written to its disk.
    private var rate: String {
        let schema = self.sql.schema
        return """
            CREATE UNLOGGED TABLE \(schema).ring_rate (
                scope text NOT NULL,
                -- The number of the latest twentieth of a second, and the requests in it and in the 20 before it.
                latest bigint NOT NULL, counts bigint[] NOT NULL,
                paused_until timestamptz, ceiling bigint, recovered_at timestamptz, halved_at timestamptz
            ) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
            -- One row for each budget. A transaction that is open for hours keeps all of its old versions: the newest is the first
            -- that this index finds.
            CREATE INDEX ring_rate_latest ON \(schema).ring_rate (scope, latest DESC);
            CREATE UNLOGGED TABLE \(schema).ring_rate_member (
                scope text, process bigint, seen timestamptz NOT NULL,
                -- Whether it uses its own share, because the database does not respond to it in time.
                alone boolean NOT NULL,
                -- When it had done so, its share is left to it until it would count as silent: what it used still counts at Ring, and
                -- the call that said it is back may be an old one that arrived late.
                reserved_until timestamptz NOT NULL DEFAULT '-infinity',
                -- The most requests a second that it may send without the database: those it went by when it called last, or was
                -- told then. The response may not have arrived.
                share bigint NOT NULL,
                PRIMARY KEY (scope, process)
            ) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
            CREATE FUNCTION \(schema).ring_admit(
                budget text, member bigint, wanted bigint, maximum bigint, reserve bigint, used bigint, is_alone bigint,
                own bigint, OUT granted bigint, OUT wait bigint, OUT given bigint
            ) LANGUAGE plpgsql AS $$
            DECLARE
                time timestamptz;
                slot bigint;
                passed bigint;
                total bigint;
                allowed bigint;
                kept bigint;
                r record;
            BEGIN
                -- Always the first lock: members are counted, and their shares are given, by one process at a time.
                SELECT q.ctid AS place, q.* INTO r FROM \(schema).ring_rate q
                    WHERE q.scope = budget ORDER BY q.latest DESC LIMIT 1 FOR UPDATE;
                IF NOT FOUND THEN
                    PERFORM pg_advisory_xact_lock(hashtextextended('ring_rate \(schema) ' || budget, 0));
                    -- A process that had a share knows of requests that a crash of the server has removed: nobody sends for a second.
                    INSERT INTO \(schema).ring_rate (scope, latest, counts)
                        SELECT budget, floor(extract(epoch FROM clock_timestamp()) * 20),
                            array_fill(0::bigint, ARRAY[20]) || CASE WHEN own > 0 THEN maximum ELSE 0 END
                        WHERE NOT EXISTS (SELECT 1 FROM \(schema).ring_rate q WHERE q.scope = budget);
                    SELECT q.ctid AS place, q.* INTO r FROM \(schema).ring_rate q
                        WHERE q.scope = budget ORDER BY q.latest DESC LIMIT 1 FOR UPDATE;
                END IF;
                time := clock_timestamp();
                slot := floor(extract(epoch FROM time) * 20);
                passed := slot - r.latest;
                IF passed < 0 THEN
                    -- The server's clock was set back. When the latest requests were sent is not known: nobody sends for a second.
                    r.counts := array_fill(0::bigint, ARRAY[20]) || maximum;
                    UPDATE \(schema).ring_rate_member m SET seen = time WHERE m.scope = budget AND m.seen > time;
                ELSIF passed >= 21 THEN r.counts := array_fill(0::bigint, ARRAY[21]);
                ELSIF passed > 0 THEN
                    r.counts := r.counts[passed + 1:21] || array_fill(0::bigint, ARRAY[passed::integer]);
                END IF;
                DELETE FROM \(schema).ring_rate_member WHERE (scope, process) IN (
                    SELECT m.scope, m.process FROM \(schema).ring_rate_member m
                    WHERE m.scope = budget AND m.seen < time - interval '30 seconds' FOR UPDATE SKIP LOCKED);
                -- All shares together never exceed the limit: a new process gets its own when the others know theirs.
                SELECT least(greatest(maximum / (count(*) + 1), 1), greatest(maximum - coalesce(sum(m.share), 0), 0)) INTO given
                    FROM \(schema).ring_rate_member m WHERE m.scope = budget AND m.process <> member;
                UPDATE \(schema).ring_rate_member m SET seen = time, alone = is_alone <> 0, share = greatest(own, given),
                    reserved_until = CASE WHEN is_alone = 0 AND (m.alone OR m.seen < time - interval '3 seconds')
                        THEN time + interval '3050 milliseconds' ELSE m.reserved_until END
                    WHERE m.scope = budget AND m.process = member AND (m.alone <> (is_alone <> 0)
                        OR m.share <> greatest(own, given)
                        OR m.seen NOT BETWEEN time - interval '500 milliseconds' AND time);
                IF NOT FOUND THEN
                    INSERT INTO \(schema).ring_rate_member (scope, process, seen, alone, share)
                        VALUES (budget, member, time, is_alone <> 0, greatest(own, given))
                        ON CONFLICT (scope, process) DO NOTHING;
                END IF;
                -- Whoever was not heard of for a while may be cut off and go on with its own share: that is left to it.
                SELECT coalesce(sum(m.share), 0) INTO kept FROM \(schema).ring_rate_member m
                    WHERE m.scope = budget AND (m.alone OR m.seen < time - interval '3 seconds'
                        OR m.reserved_until BETWEEN time AND time + interval '4 seconds');
                r.counts[21] := r.counts[21] + used;
                SELECT sum(c) INTO total FROM unnest(r.counts) c;
                -- No pause is longer than a minute: the server's clock was set back.
                IF r.paused_until > time + interval '61 seconds' THEN r.paused_until := time; r.recovered_at := time; END IF;
                allowed := maximum;
                IF r.ceiling IS NOT NULL THEN
                    allowed := r.ceiling
                        + floor(greatest(extract(epoch FROM time - r.recovered_at), 0)) * greatest(maximum / 10, 1);
                    IF allowed >= maximum THEN allowed := maximum; r.ceiling := NULL; END IF;
                END IF;
                allowed := allowed - kept - reserve;
                granted := greatest(least(wanted, allowed - total), 0);
                wait := 0;
                IF r.paused_until > time THEN
                    granted := 0;
                    wait := ceil(extract(epoch FROM r.paused_until - time) * 1000);
                ELSIF granted < wanted THEN
                    wait := 1050;
                    FOR i IN 1 .. 21 LOOP
                        IF r.counts[i] > 0 THEN wait := i * 50; EXIT; END IF;
                    END LOOP;
                END IF;
                r.counts[21] := r.counts[21] + granted;
                UPDATE \(schema).ring_rate q SET latest = slot, counts = r.counts, ceiling = r.ceiling,
                    paused_until = r.paused_until, recovered_at = r.recovered_at
                    WHERE q.ctid = r.place;
                -- What is not counted is not granted.
                IF NOT FOUND THEN granted := 0; END IF;
            END $$;
            CREATE FUNCTION \(schema).ring_limited(budget text, maximum bigint, milliseconds bigint) RETURNS void
            LANGUAGE plpgsql AS $$
            DECLARE place tid;
            BEGIN
                SELECT n.ctid INTO place FROM \(schema).ring_rate n
                    WHERE n.scope = budget ORDER BY n.latest DESC LIMIT 1 FOR UPDATE;
                -- Requests that were under way together are refused together, which tells one thing and not as many.
                UPDATE \(schema).ring_rate q SET
                    ceiling = CASE WHEN coalesce(q.paused_until, '-infinity') > clock_timestamp()
                        OR q.halved_at BETWEEN clock_timestamp() - interval '1 second' AND clock_timestamp() THEN q.ceiling
                        ELSE greatest(coalesce(q.ceiling, maximum) / 2, 1) END,
                    halved_at = CASE WHEN coalesce(q.paused_until, '-infinity') > clock_timestamp()
                        OR q.halved_at BETWEEN clock_timestamp() - interval '1 second' AND clock_timestamp() THEN q.halved_at
                        ELSE clock_timestamp() END,
                    paused_until = greatest(q.paused_until, clock_timestamp() + milliseconds * interval '1 millisecond'),
                    recovered_at = greatest(q.paused_until, clock_timestamp() + milliseconds * interval '1 millisecond')
                WHERE q.ctid = place;
            END $$;
            CREATE FUNCTION \(schema).ring_remaining(budget text, maximum bigint, remaining bigint) RETURNS void
            LANGUAGE plpgsql AS $$
            DECLARE place tid;
            BEGIN
                SELECT n.ctid INTO place FROM \(schema).ring_rate n
                    WHERE n.scope = budget ORDER BY n.latest DESC LIMIT 1 FOR UPDATE;
                -- Others use the same client id: what they took counts as taken now.
                UPDATE \(schema).ring_rate q SET counts[21] = q.counts[21]
                    + greatest(maximum - remaining - (SELECT sum(c) FROM unnest(q.counts) c), 0)
                WHERE q.ctid = place;
            END $$;
            """
    }

    private var first: String {
        let schema = self.sql.schema
        let keys = (0..<8).map { "k\($0) bytea" }.joined(separator: ", ")
        let indexes = (0..<8).map {
            "CREATE INDEX ring_record_k\($0) ON \(schema).ring_record (collection, k\($0), name) WHERE k\($0) IS NOT NULL;"
        }.joined(separator: "\n")
        let keyColumns = (0..<8).map { "k\($0)" }.joined(separator: ", ")
        let keyValues = (0..<8).map { "keys[i * 8 - \(7 - $0)]" }.joined(separator: ", ")
        let keyUpdates = (0..<8).map { "k\($0) = keys[i * 8 - \(7 - $0)]" }.joined(separator: ", ")
        let until = "clock_timestamp() + LEAST(durations[i], 3600000000) * interval '1 microsecond'"
        return """
            -- Not IF NOT EXISTS: that needs the right to create schemas also when there is nothing to create.
            DO $schema$ BEGIN
                IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = '\(schema)') THEN
                    CREATE SCHEMA \(schema);
                END IF;
            END $schema$;
            CREATE TABLE \(schema).ring_schema (version bigint PRIMARY KEY, oldest_writer bigint NOT NULL);
            -- Names and keys are bytes: their order is that of the bytes, whatever the locale of the database.
            CREATE TABLE \(schema).ring_record (
                collection text COLLATE "C" NOT NULL,
                name bytea NOT NULL,
                version bigint NOT NULL,
                \(keys),
                lease_token bigint, lease_process bigint, lease_until timestamptz,
                payload bytea NOT NULL,
                PRIMARY KEY (collection, name)
            ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1);
            ALTER TABLE \(schema).ring_record ALTER COLUMN payload SET STORAGE EXTERNAL;
            \(indexes)
            CREATE TABLE \(schema).ring_process (
                id bigint PRIMARY KEY,
                boot text NOT NULL, namespace text NOT NULL, pid bigint NOT NULL, started bigint NOT NULL,
                seen timestamptz NOT NULL
            );
            CREATE FUNCTION \(schema).ring_commit(
                collections text[], names bytea[], olds bigint[], versions bigint[], keys bytea[], payloads bytea[],
                leases bigint[], tokens bigint[], durations bigint[], process bigint
            ) RETURNS boolean LANGUAGE plpgsql AS $$
            DECLARE isRepeated boolean;
            BEGIN
                -- In one order, so that two commits do not wait for each other.
                PERFORM 1 FROM \(schema).ring_record r
                    WHERE (r.collection, r.name) IN (SELECT u.c, u.n FROM unnest(collections, names) AS u(c, n))
                    ORDER BY r.collection, r.name FOR UPDATE OF r;
                IF EXISTS (
                    SELECT 1 FROM unnest(collections, names, olds) AS u(c, n, old)
                    LEFT JOIN \(schema).ring_record r ON r.collection = u.c AND r.name = u.n
                    WHERE r.version IS DISTINCT FROM u.old
                ) THEN RETURN false; END IF;
                FOR i IN 1 .. cardinality(collections) LOOP
                    IF versions[i] IS NULL THEN
                        DELETE FROM \(schema).ring_record r WHERE r.collection = collections[i] AND r.name = names[i];
                        CONTINUE;
                    END IF;
                    -- A record that has to be new was not locked above: another transaction may have made it since. Only one that
                    -- this commit itself has made or deleted may be there or be missing.
                    isRepeated := EXISTS (SELECT 1 FROM generate_series(1, i - 1) j
                        WHERE collections[j] = collections[i] AND names[j] = names[i]);
                    IF olds[i] IS NOT NULL OR isRepeated THEN
                        UPDATE \(schema).ring_record r SET version = versions[i], payload = payloads[i], \(keyUpdates),
                            lease_token = CASE leases[i] WHEN 0 THEN r.lease_token WHEN 1 THEN tokens[i] END,
                            lease_until = CASE leases[i] WHEN 0 THEN r.lease_until WHEN 1 THEN \(until) END,
                            lease_process = CASE leases[i] WHEN 0 THEN r.lease_process WHEN 1 THEN process END
                        WHERE r.collection = collections[i] AND r.name = names[i];
                        IF FOUND THEN CONTINUE; END IF;
                    END IF;
                    INSERT INTO \(schema).ring_record
                        (collection, name, version, payload, \(keyColumns), lease_token, lease_until, lease_process)
                    VALUES (collections[i], names[i], versions[i], payloads[i], \(keyValues),
                        CASE leases[i] WHEN 1 THEN tokens[i] END, CASE leases[i] WHEN 1 THEN \(until) END,
                        CASE leases[i] WHEN 1 THEN process END)
                    ON CONFLICT (collection, name) DO NOTHING;
                    -- Nothing of this commit may stay.
                    IF NOT FOUND THEN RAISE EXCEPTION SQLSTATE 'RG001'; END IF;
                END LOOP;
                RETURN true;
            EXCEPTION WHEN SQLSTATE 'RG001' THEN RETURN false;
            END $$;
            """
    }
}
