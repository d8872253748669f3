// Checks what Countersign publishes with the libraries of the Go checksum database (golang.org/x/mod/sumdb), which
// know nothing of it: signed notes and checkpoints (note), inclusion proofs and tiles (tlog).
//
//	verify proof KEY FILE...    C2SP tlog-proofs that hold their entry
//	verify tiles KEY FOLDER     a published log: checkpoint, tiles of hashes, tiles of entries
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// head is the size and root of a checkpoint that the key signed.
func head(text []byte, key string) (int64, tlog.Hash) {
	verifier, err := note.NewVerifier(key)
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		must(fmt.Errorf("the checkpoint is of %q", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return size, root
}

func proof(key, file string) {
	data, err := os.ReadFile(file)
	must(err)
	before, checkpoint, _ := strings.Cut(string(data), "\n\n")
	lines := strings.Split(before, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") {
		must(fmt.Errorf("%s is no proof that holds its entry", file))
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	must(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	must(err)
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		must(err)
		path = append(path, hash)
	}
	size, root := head([]byte(checkpoint), key)
	must(tlog.CheckRecord(path, size, root, index, tlog.RecordHash(entry)))
	fmt.Printf("entry %d of %d\n", index, size)
}

type folder string

func (f folder) Height() int { return 8 }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		// C2SP tlog-tiles leaves out the height, which is always 8.
		data, err := os.ReadFile(filepath.Join(string(f), strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func tiles(key, where string) {
	text, err := os.ReadFile(filepath.Join(where, "checkpoint"))
	must(err)
	size, root := head(text, key)
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, folder(where))
	var entries [][]byte
	for first := int64(0); first < size; first += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: 256}
		if size-first < 256 {
			tile.W = int(size - first)
		}
		data, err := os.ReadFile(filepath.Join(where, strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)))
		must(err)
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			entries = append(entries, data[2:2+length])
			data = data[2+length:]
		}
	}
	if int64(len(entries)) != size {
		must(fmt.Errorf("%d entries of %d", len(entries), size))
	}
	for index, entry := range entries {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(index))})
		must(err)
		if hashes[0] != tlog.RecordHash(entry) {
			must(fmt.Errorf("entry %d is not the one under the root", index))
		}
	}
	fmt.Printf("%d entries under the root\n", size)
}

func main() {
	if os.Args[1] == "tiles" {
		tiles(os.Args[2], os.Args[3])
		return
	}
	for _, file := range os.Args[3:] {
		proof(os.Args[2], file)
	}
}
