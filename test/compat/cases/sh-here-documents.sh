# Shows: here-documents, quoted, indented and in loops
name=world
cat <<END
hello $name $(echo nested) $((6 * 7))
END
cat <<'END'
literal $name `date`
END
cat <<-END
	indented
	twice
	END
while read -r word rest; do echo "[$word] ($rest)"; done <<END
alpha beta gamma
delta
END
cat <<A; cat <<B
first
A
second
B
