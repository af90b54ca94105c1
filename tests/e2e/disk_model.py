"""What a power cut leaves of the files that a run wrote, from the journal of tests/shim/disk_shim.c.

Nothing survives but what was made durable: bytes by a sync of their file, names by a sync of their
folder, everything by a sync of the file system. Of the rest any part may survive, in any order, as
POSIX allows: writes, whole or not, and each change of a name. A rename is one change, of two folders.
"""

import copy
import os
import struct

OPEN, WRITE, RESIZE, SYNC, SYNC_ALL, RENAME, MAKE, REMOVE = range(8)
LINE = struct.Struct("=IIIIQQ")
FOLDER = "folder"


def read_journal(path):
    """Every change as (change, path, other, bytes, inode, value)."""
    changes = []
    with open(path, "rb") as stream:
        while head := stream.read(LINE.size):
            change, path_size, other_size, size, inode, value = LINE.unpack(head)
            names = [os.path.normpath(stream.read(length).decode(errors="surrogateescape"))
                     if length else "" for length in (path_size, other_size)]
            changes.append((change, *names, stream.read(size), inode, value))
    return changes


def apply_write(content, offset, data):
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


class File:
    """Bytes on the disk, and what was written since they were made durable."""

    def __init__(self):
        self.durable = bytearray()
        self.pending = []  # (offset, bytes), or (None, size)

    def sync(self):
        self.durable = self.after(self.pending)
        self.pending = []

    def after(self, pending):
        content = bytearray(self.durable)
        for offset, data in pending:
            if offset is None:
                content.extend(bytes(max(0, data - len(content))))
                del content[data:]
            else:
                apply_write(content, offset, data)
        return content

    def cut(self, source):
        """The bytes after a power cut: some of the writes, the last of them perhaps in part."""
        kept = [entry for entry in self.pending if source.random() < 0.5]
        if kept and kept[-1][0] is not None and source.random() < 0.5:
            offset, data = kept[-1]
            kept[-1] = (offset, data[:source.randrange(len(data) + 1)])
        return self.after(kept)


class Disk:
    """Files and names as the running program sees them, and as the disk has them."""

    def __init__(self, root):
        self.root = os.path.normpath(root)
        self.names = {self.root: FOLDER}    # path: File or FOLDER, as the program sees it
        self.durable = {self.root: FOLDER}  # the same after a cut that keeps nothing else
        self.pending = []                   # changes of names: [(path, File or FOLDER or None)]
        self.inodes = {}

    def rename_all(self, *pairs):
        """One change of names: each path gets its new meaning, None: it goes."""
        self.pending.append(pairs)
        for path, meaning in pairs:
            if meaning is None:
                self.names.pop(path, None)
            else:
                self.names[path] = meaning

    def settle(self, chosen):
        """Makes changes of names durable, and all earlier ones of the same names."""
        touched = set()
        kept = []
        for pairs in reversed(self.pending):
            paths = {path for path, _ in pairs}
            if chosen(pairs) or paths & touched:
                touched |= paths
                kept.append(pairs)
        for pairs in reversed(kept):
            for path, meaning in pairs:
                if meaning is None:
                    self.durable.pop(path, None)
                else:
                    self.durable[path] = meaning
        self.pending = [pairs for pairs in self.pending if not any(pairs is one for one in kept)]

    def apply(self, entry):
        change, path, other, data, inode, value = entry
        if change == OPEN:
            if path not in self.names:
                self.inodes[inode] = File()
                self.rename_all((path, self.inodes[inode]))
            elif value:
                self.names[path].pending.append((None, 0))
        elif change == WRITE and inode in self.inodes:
            self.inodes[inode].pending.append((value, data))
        elif change == RESIZE and inode in self.inodes:
            self.inodes[inode].pending.append((None, value))
        elif change == SYNC and path:
            self.settle(lambda pairs: any(os.path.dirname(name) == path for name, _ in pairs))
        elif change == SYNC and inode in self.inodes:
            self.inodes[inode].sync()
        elif change == SYNC_ALL:
            for file in self.inodes.values():
                file.sync()
            self.settle(lambda pairs: True)
        elif change == RENAME:
            self.rename_all((path, None), (other, self.names[path]))
        elif change == MAKE:
            self.rename_all((path, FOLDER))
        elif change == REMOVE:
            self.rename_all((path, None))

    def copy(self):
        return copy.deepcopy(self)

    def cut(self, source, folder):
        """Writes what a power cut now would leave into a folder."""
        share = source.choice((0.0, 0.3, 0.7, 1.0))
        self.settle(lambda pairs: source.random() < share)
        for path in sorted(self.durable, key=lambda path: path.count("/")):
            place = os.path.join(folder, os.path.relpath(path, self.root))
            meaning = self.durable[path]
            if meaning is FOLDER:
                if os.path.isdir(os.path.dirname(place)):
                    os.makedirs(place, exist_ok=True)
            elif os.path.isdir(os.path.dirname(place)):
                with open(place, "wb") as stream:
                    stream.write(meaning.cut(source))
