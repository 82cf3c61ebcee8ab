# Brings a classic tenant to the role, against the stand-in. Each run is '& script', as a person runs it.
Describe 'The script that brings a tenant to the role' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'StandIn.psm1') -Force
        $modules = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'modules')).FullName
        New-StandInModules $modules
        $oldPath = $env:PSModulePath
        $env:PSModulePath = $modules + [IO.Path]::PathSeparator + $oldPath
        $global:tenantClock = [DateTime]::UtcNow
        function global:Start-Sleep { Add-Sleep }
        function global:Get-Date { $global:tenantClock }
        function Wait-Hours { param([double]$Hours) $global:tenantClock = $global:tenantClock.AddHours($Hours) }

        # What this script needs of the tenant beyond the other ones.
        & (Get-Module StandIn) {
            $script:Behaviours['Get-Mailbox'] = { param($p) if ($p.Identity) { Find-StandInMailbox $p.Identity } elseif ("$($p.ResultSize)" -eq 'Unlimited') { $t.Mailboxes } else { $t.Mailboxes | Select-Object -First $p.ResultSize } }
            $script:Behaviours['Get-MessageTraceV2'] = { param($p)
                if ($p.EndDate - $p.StartDate -gt [TimeSpan]::FromDays(10)) { throw 'The range is longer than 10 days.' }
                if (++$t.Queries -gt 100 -and $t.Sleeps -eq 0) { throw 'The number of requests exceeded the limit of 100 in 5 minutes.' }
                $found = $t.Messages | Where-Object { $p.SenderAddress -contains $_.SenderAddress -and $_.Received -ge $p.StartDate.ToUniversalTime() -and $_.Received -le $p.EndDate.ToUniversalTime() }
                $found | Select-Object -First $(if ($p.ResultSize) { $p.ResultSize } else { 1000 })
            }
            $script:Behaviours['Test-ServicePrincipalAuthorization'] = { param($p)
                if ($t.Unknown -and $p.Resource -eq 'boss@contoso.com') { return & $t.Unknown }
                foreach ($one in $t.RoleAssignments | Where-Object { $_.App -eq $p.Identity }) {
                    [pscustomobject]@{ RoleName = $one.Role; AllowedResourceScope = $one.CustomResourceScope; InScope = "$(Test-StandInScope $one.CustomResourceScope (Find-StandInMailbox $p.Resource))" }
                }
            }
            function script:Test-StandInScope {
                param($Title, $Mailbox)
                if (-not $Title) { return $true }
                $filter = @($t.Scopes | Where-Object { $_.Name -eq $Title })[0].RecipientFilter
                @($t.Groups | Where-Object { $filter.Contains("'$($_.DistinguishedName)'") -and $t.GroupMembers[$_.Guid] -contains $Mailbox.Guid }).Count -gt 0
            }
            # As Microsoft: the permission in Entra brings the check of the mailbox; without it, the role decides. Whether the check needs SendAs is not documented.
            function script:Test-Sends {
                param([string]$Address)
                $t = $script:Tenant
                $mailbox = Find-StandInMailbox $Address
                $claim = @($t.Principals.AppRoles | Where-Object { $_.Value -eq 'SMTP.SendAsApp' })[0].Id
                foreach ($principal in $t.ExchangePrincipals) {
                    if (@($t.AppRoleAssignments | Where-Object { $_.PrincipalId -eq $principal.ObjectId -and $_.AppRoleId -eq $claim }).Count -gt 0) {
                        $full = @($t.MailboxPermissions | Where-Object { $_.Mailbox -eq $mailbox.Guid -and $_.User -eq $principal.ObjectId }).Count -gt 0
                        $as = @($t.RecipientPermissions | Where-Object { $_.Mailbox -eq $mailbox.Guid -and $_.Trustee -eq $principal.ObjectId }).Count -gt 0
                        return $full -and ($as -or -not $t.NeedsSendAs)
                    }
                    foreach ($one in $t.RoleAssignments | Where-Object { $_.App -eq $principal.ObjectId -and $_.Role -eq 'Application SMTP.SendAsApp' }) {
                        if (Test-StandInScope $one.CustomResourceScope $mailbox) { return $true }
                    }
                }
                $false
            }
        }

        function Write-Script {
            param([string]$Kind = 'least', [string]$Site = 'a', [string[]]$Protocols = 'smtp', [string[]]$KeepAccess = @())
            Write-TenantScript -Folder (Join-Path $TestDrive $Site) -Kind $Kind -Mailboxes $Mailboxes -Protocols $Protocols -KeepAccess $KeepAccess
        }

        # Runs a part in a window of its own.
        function Start-Part {
            param([string]$File, [string]$Part, [hashtable]$More = @{})
            $application = $tenant.Applications | Select-Object -Last 1
            $options = @{ Part = $Part; Apply = $true; TenantId = $tenant.Id; ApplicationId = $application.AppId }
            if ($File -like '*setup.ps1' -and $Part -eq 'Exchange') { $options.ObjectId = @($tenant.Principals | Where-Object { $_.AppId -eq $application.AppId })[0].Id }
            foreach ($key in $More.Keys) { $options[$key] = $More[$key] }
            Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
            $global:LASTEXITCODE = 0
            $output = & $File @options *>&1 | Out-String
            $tenant.Connected | Should -BeNullOrEmpty
            [pscustomobject]@{ Exit = $LASTEXITCODE; Output = $output; Last = @($output.Trim() -split "`n")[-1] }
        }
        function Start-Good {
            $run = Start-Part @args
            $run.Exit | Should -Be 0 -Because $run.Output
            Assert-Sends
            $run
        }
        function Start-Bad {
            param([string]$File, [string]$Part, [string]$Message, [hashtable]$More = @{})
            $run = Start-Part $File $Part $More
            $run.Exit | Should -Be 1 -Because $run.Output
            $run.Last | Should -BeLike 'FAILED.*'
            $run.Output | Should -BeLike $Message
            Assert-Sends
            $run
        }
        # A device can send from each mailbox.
        function Assert-Sends {
            foreach ($one in $mailboxes) { & (Get-Module StandIn) { param($address) Test-Sends $address } $one | Should -BeTrue -Because $one }
        }
        function Add-Message { param([string[]]$From = $mailboxes) foreach ($one in $From) { $tenant.Messages += [pscustomobject]@{ SenderAddress = $one; Received = $global:tenantClock } } }
        function Read-Claims {
            @($tenant.AppRoleAssignments | ForEach-Object { $id = $_.AppRoleId; @($tenant.Principals.AppRoles | Where-Object { $_.Id -eq $id })[0].Value }) | Sort-Object
        }

        # A tenant that was connected before there was a role.
        function New-ClassicTenant {
            param([string[]]$Protocols = 'smtp')
            $setup = Write-Script setup -Protocols $Protocols
            foreach ($part in 'Entra', 'Exchange') {
                $application = @($tenant.Applications | Select-Object -Last 1)
                $run = Start-Part $setup $part @{ Classic = $true; ApplicationId = "$($application.AppId)" }
                $run.Exit | Should -Be 0 -Because $run.Output
            }
            Assert-Sends
            Read-Claims | Should -Contain 'SMTP.SendAsApp'
        }

        # The steps up to one of them.
        function Start-Steps {
            param([string]$Until, [string]$File)
            $null = Start-Good (Write-Script setup) Exchange
            if ($Until -eq 'role') { return }
            $null = Start-Good $File Exchange
            if ($Until -eq 'scope') { return }
            Wait-Hours 2.1
            $null = Start-Good $File Entra
            if ($Until -eq 'claim') { return }
            Wait-Hours 2.1
            Add-Message
            Wait-Hours 0.1
            $null = Start-Good $File Exchange
        }
    }

    AfterAll {
        Remove-Item function:global:Start-Sleep, function:global:Get-Date
        Remove-Variable -Scope Global tenantClock, tenantCalls -ErrorAction Ignore
        Get-Module 'Microsoft.Graph.*', 'ExchangeOnlineManagement' | Remove-Module
        $env:PSModulePath = $oldPath
    }

    BeforeEach {
        $tenant = New-Tenant
        $tenant.Messages = @()
        $tenant.PrintsPrincipal = { param($one) $one.ObjectId }
        $tenant.NeedsSendAs = $true
        $tenant.Queries = 0
        $global:tenantClock = [DateTime]::new(2026, 12, 3, 8, 0, 0, [DateTimeKind]::Utc)
        $mailboxes = 'scanner@contoso.com', 'copier@contoso.com'
        Add-TenantMailbox ($mailboxes + 'boss@contoso.com')
        Get-ChildItem $TestDrive -Recurse -Filter 'tls-uplift-*' | Remove-Item
    }

    It 'goes the whole way, and devices can send after each step' {
        New-ClassicTenant
        $least = Write-Script
        # The first run prints the command that makes the role.
        $run = Start-Bad $least Exchange '*scanner@contoso.com is not in the scope*tls-uplift-tenant-setup.ps1 -Part Exchange -TenantId * -ObjectId * -Apply*'
        Start-Steps all $least
        Read-Claims | Should -BeNullOrEmpty
        $tenant.Applications[0].RequiredResourceAccess | Should -BeNullOrEmpty
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
        $tenant.RecipientPermissions | Should -BeNullOrEmpty
        $tenant.RoleAssignments.Role | Should -Be 'Application SMTP.SendAsApp'
    }

    It 'changes nothing in a second run of each step' {
        New-ClassicTenant
        $least = Write-Script
        foreach ($step in 'scope', 'claim', 'all') {
            if ($step -eq 'scope') { Start-Steps scope $least } elseif ($step -eq 'claim') { Wait-Hours 2.1; $null = Start-Good $least Entra } else { Wait-Hours 2.1; Add-Message; $null = Start-Good $least Exchange }
            $before = Get-TenantState
            $part = if ($step -eq 'claim') { 'Entra' } else { 'Exchange' }
            (Start-Good $least $part).Last | Should -Be 'OK. Nothing is left to change.'
            Get-TenantState | Should -Be $before
        }
        # The set-up stays with the role.
        (Start-Good (Write-Script setup) Entra).Last | Should -Be 'OK. Nothing is missing.'
        (Start-Good (Write-Script setup) Exchange).Last | Should -Be 'OK. Nothing is missing.'
        Get-TenantState | Should -Be $before
    }

    It 'changes nothing in the tenant without -Apply' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Wait-Hours 3
        $before = Get-TenantState
        (Start-Good $least Entra @{ Apply = $false }).Last | Should -BeLike 'OK. 2 changes to make.*'
        Get-TenantState | Should -Be $before
        $null = Start-Good $least Entra
        Wait-Hours 3
        Add-Message
        $before = Get-TenantState
        (Start-Good $least Exchange @{ Apply = $false }).Last | Should -BeLike 'OK. 4 changes to make.*'
        Get-TenantState | Should -Be $before
    }

    It 'stops before it removes something: <case>' -ForEach @(
        @{ Case = 'a mailbox is out of scope'; Message = '*copier@contoso.com is not in the scope*'; Break = { $tenant.GroupMembers[$tenant.Groups[0].Guid] = @($tenant.Mailboxes[0].Guid) } }
        @{ Case = 'each other mailbox is in scope'; Message = '*also in scope: boss@contoso.com*No mailbox outside*'; Break = { $tenant.GroupMembers[$tenant.Groups[0].Guid] += $tenant.Mailboxes[2].Guid } }
        @{ Case = 'the role is for all mailboxes'; Message = '*No mailbox outside of the scope*'; Break = { $tenant.RoleAssignments[0].CustomResourceScope = $null } }
        @{ Case = 'a mailbox of another site is classic'; Message = '*boss@contoso.com is not in the scope*another site*'; Break = { $tenant.RecipientPermissions += [pscustomobject]@{ Mailbox = $tenant.Mailboxes[2].Guid; Trustee = $tenant.ExchangePrincipals[0].ObjectId; AccessRights = @('SendAs') } } }
        @{ Case = 'the assignment is for another application'; Message = '*is not in the scope*'; Break = { $tenant.RoleAssignments[0].App = 'another' } }
    ) {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps role $least
        & $Break
        $before = Get-TenantState
        $null = Start-Bad $least Exchange $Message
        $null = Start-Bad $least Entra '*Run the part Exchange first*'
        Get-TenantState | Should -Be $before
    }

    It 'finds a mailbox of another site that has FullAccess without SendAs, printed as <prints>, filters <filters>' -ForEach @(
        @{ Prints = 'ObjectId'; Filters = $true }, @{ Prints = 'DisplayName'; Filters = $false }
    ) {
        New-ClassicTenant
        $property = $Prints
        $tenant.PrintsPrincipal = { param($one) $one.$property }
        $tenant.FiltersPermissions = $Filters
        $tenant.NeedsSendAs = $false
        $least = Write-Script
        Start-Steps role $least
        Add-TenantMailbox 'branch@contoso.com'
        $tenant.MailboxPermissions += [pscustomobject]@{ Mailbox = $tenant.Mailboxes[3].Guid; User = $tenant.ExchangePrincipals[0].ObjectId; AccessRights = @('FullAccess'); Deny = $false }
        $site = $mailboxes
        $mailboxes = $mailboxes + 'branch@contoso.com'
        $null = Start-Bad $least Exchange '*FullAccess of the application in 4 mailboxes*-NoOtherSite*branch@contoso.com is not in the scope*another site*-OnlyRead*'
        $null = Start-Bad $least Entra '*Run the part Exchange first*'
        # Its own site brings it over, too.
        $null = Start-Good (Write-Script setup -Site b) Exchange
        $mailboxes = $site
        $null = Start-Good $least Exchange
        $mailboxes = $mailboxes + 'branch@contoso.com'
        Wait-Hours 2.1
        $null = Start-Good $least Entra
    }

    It 'waits two hours for a mailbox of another site, too, and for a mailbox that got the address of another one' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Wait-Hours 3
        $site = $mailboxes
        $mailboxes = @('branch@contoso.com')
        Add-TenantMailbox $mailboxes
        $setup = Write-Script setup -Site b
        (Start-Part $setup Exchange @{ Classic = $true }).Exit | Should -Be 0
        (Start-Part $setup Exchange).Exit | Should -Be 0
        $mailboxes = $site + $mailboxes
        $null = Start-Good $least Exchange
        $null = Start-Bad $least Entra '*Too early*13:00 UTC*'
        # The same address, another mailbox.
        Wait-Hours 2.1
        $tenant.Mailboxes[1].EmailAddresses = @()
        $tenant.Mailboxes[1].Name = 'old'
        Add-TenantMailbox 'copier@contoso.com'
        $setup = Write-Script setup
        (Start-Part $setup Exchange @{ Classic = $true }).Exit | Should -Be 0
        (Start-Part $setup Exchange).Exit | Should -Be 0
        $null = Start-Good $least Exchange
        $null = Start-Bad $least Entra '*Too early*15:06 UTC*'
        Wait-Hours 2.1
        $null = Start-Good $least Entra
    }

    It 'leaves a mailbox of another site out on request: <case>' -ForEach @(
        @{ Case = 'it only reads'; Options = @{ OnlyRead = 'branch@contoso.com' } }, @{ Case = 'there is no other site'; Options = @{ NoOtherSite = $true } }
    ) {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps role $least
        Add-TenantMailbox 'branch@contoso.com'
        $tenant.MailboxPermissions += [pscustomobject]@{ Mailbox = $tenant.Mailboxes[3].Guid; User = $tenant.ExchangePrincipals[0].ObjectId; AccessRights = @('FullAccess'); Deny = $false }
        $null = Start-Good $least Exchange $Options
    }

    It 'tests a mailbox that the administrator names' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps role $least
        Add-TenantMailbox 'site@contoso.com'
        $tenant.GroupMembers[$tenant.Groups[0].Guid] += $tenant.Mailboxes[3].Guid
        $null = Start-Bad $least Exchange '*No mailbox outside*' @{ OtherMailbox = 'site@contoso.com' }
        $null = Start-Good $least Exchange @{ OtherMailbox = 'boss@contoso.com' }
    }

    It 'counts only a mailbox as outside for which the test returns False: <case>' -ForEach @(
        @{ Case = 'Not Run'; Result = 'Not Run' }, @{ Case = 'nothing'; Result = $null }
    ) {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps role $least
        $tenant.Unknown = if ($Result) { { [pscustomobject]@{ RoleName = 'Application SMTP.SendAsApp'; InScope = 'Not Run' } } } else { { } }
        $null = Start-Bad $least Exchange "*boss@contoso.com: the test returned '$Result'*No mailbox outside*"
    }

    It 'refuses a mailbox outside of the scope that the tenant does not have, or that must be in scope' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps role $least
        $null = Start-Bad $least Exchange '*typo@contoso.com: the tenant has 0 such mailboxes. Correct -OtherMailbox.*' @{ OtherMailbox = 'typo@contoso.com' }
        $null = Start-Bad $least Exchange '*-OtherMailbox: copier@contoso.com must be in scope*' @{ OtherMailbox = 'copier@contoso.com' }
        $null = Start-Bad $least Exchange '*typo@contoso.com: the tenant has 0 such mailboxes. Correct -OnlyRead.*' @{ OnlyRead = 'typo@contoso.com' }
    }

    It 'waits two hours after the scope was tested, with these mailboxes, and tests again after a day' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Wait-Hours 1.9
        $null = Start-Good $least Exchange
        $null = Start-Bad $least Entra '*Too early*2026-12-03 10:00 UTC*'
        Wait-Hours 0.2
        # A mailbox that was added since.
        $mailboxes = $mailboxes + 'new@contoso.com'
        Add-TenantMailbox 'new@contoso.com'
        $least = Write-Script
        $setup = Write-Script setup
        (Start-Part $setup Exchange @{ Classic = $true }).Exit | Should -Be 0
        (Start-Part $setup Exchange).Exit | Should -Be 0
        $null = Start-Bad $least Entra '*new@contoso.com: not tested yet*'
        $null = Start-Good $least Exchange
        $null = Start-Bad $least Entra '*Too early*'
        Wait-Hours 25
        $null = Start-Bad $least Entra '*older than a day*'
        $null = Start-Good $least Exchange
        $null = Start-Good $least Entra
        Read-Claims | Should -BeNullOrEmpty
    }

    It 'begins the test and the wait again after a test that failed: <case>' -ForEach @(
        @{ Case = 'a mailbox left the group'; Message = '*copier@contoso.com is not in the scope*'
            Break = { $tenant.GroupMembers[$tenant.Groups[0].Guid] = @($tenant.Mailboxes[0].Guid) }
            Mend = { $tenant.GroupMembers[$tenant.Groups[0].Guid] = @($tenant.Mailboxes[0, 1].Guid) } }
        @{ Case = 'the service principal is gone'; Message = '*has 0 service principals*'
            Break = { $tenant.Gone = $tenant.ExchangePrincipals; $tenant.ExchangePrincipals = @() }
            Mend = { $tenant.ExchangePrincipals = $tenant.Gone } }
    ) {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Wait-Hours 1.5
        & $Break
        $run = Start-Part $least Exchange
        $run.Output | Should -BeLike $Message
        Wait-Hours 1
        # The test at 08:00 succeeded, and the last one failed.
        (Start-Part $least Entra).Output | Should -BeLike '*The last test of the scope failed*'
        Read-Claims | Should -Contain 'SMTP.SendAsApp'
        if ($tenant.ExchangePrincipals) { Assert-Sends }
        & $Mend
        Assert-Sends
        $null = Start-Good $least Exchange
        $null = Start-Bad $least Entra '*Too early*12:30 UTC*'
        Wait-Hours 2.1
        $null = Start-Good $least Entra
    }

    It 'does not rely on an earlier test if the last one did not end' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Wait-Hours 3
        Set-Failure 'Test-ServicePrincipalAuthorization' -Times 1
        $null = Start-Bad $least Exchange '*Service unavailable*'
        $null = Start-Bad $least Entra '*did not end*'
    }

    It 'removes FullAccess only two hours after the claim, and only from a mailbox that has sent since then' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps claim $least
        # The token of the daemon can still have the permission: this message proves nothing.
        Wait-Hours 1
        Add-Message
        $null = Start-Bad $least Exchange '*Too early: the daemon may still have a token*'
        Wait-Hours 1.1
        $null = Start-Bad $least Exchange '*scanner@contoso.com: no message from it since*tenant check*-Checked*'
        $tenant.MailboxPermissions.Count | Should -Be 2
        Add-Message 'copier@contoso.com'
        # A person can have sent it from Outlook.
        $null = Start-Bad $least Exchange '*cannot see which program sent a message*tenant check*scanner@contoso.com: no message*'
        $tenant.MailboxPermissions.Mailbox | Should -Be $tenant.Mailboxes[0].Guid
        $tenant.RecipientPermissions.Mailbox | Should -Be $tenant.Mailboxes[0].Guid
        $null = Start-Good $least Exchange @{ Checked = $true }
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
        # Weeks later, the question fits into what Microsoft answers.
        $null = Start-Good $least Exchange
    }

    It 'looks for messages in the last days only, as Microsoft demands' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps claim $least
        Wait-Hours 720
        Add-Message
        $null = Start-Bad $least Exchange '*older than a day*'
        $null = Start-Good $least Entra
        $null = Start-Good $least Exchange
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
    }

    It 'looks for the messages of many mailboxes with few queries' {
        $mailboxes = @(1..12 | ForEach-Object { "device$_@contoso.com" })
        Add-TenantMailbox $mailboxes
        New-ClassicTenant
        $least = Write-Script
        Start-Steps claim $least
        Wait-Hours 2.1
        # More messages than a result has, so that the quiet mailboxes are missing in it.
        $tenant.Messages = @([pscustomobject]@{ SenderAddress = 'device1@contoso.com'; Received = $global:tenantClock }) * 5000
        Add-Message
        $null = Start-Good $least Exchange
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
        $tenant.Queries | Should -BeLessThan 12
    }

    It 'waits when it has reached the number of queries that Microsoft accepts' {
        $tree = [Management.Automation.Language.Parser]::ParseFile((Write-Script), [ref]$null, [ref]$null)
        $one = $tree.Find({ param($node) $node -is [Management.Automation.Language.FunctionDefinitionAst] -and $node.Name -eq 'Find-Message' }, $true)
        . ([scriptblock]::Create($one.Extent.Text))
        $script:queries = 0
        $result = @([pscustomobject]@{ SenderAddress = 'a' }) * 5000
        function Get-MessageTraceV2 { param($SenderAddress, $StartDate, $EndDate, $ResultSize) $tenant.Queries++; if ($SenderAddress.Count -gt 1) { $result } }
        # Each result is full, so that the script asks for half of the senders, and at last for one.
        $null = Find-Message @(1..64) ([DateTime]::UtcNow) ([DateTime]::UtcNow)
        $tenant.Queries | Should -Be 127
        $tenant.Sleeps | Should -Be 1
    }

    It 'leaves a mailbox with IMAP its access, and the application the permission for IMAP' {
        New-ClassicTenant smtp, imap
        $least = Write-Script -Protocols smtp, imap -KeepAccess 'Copier@contoso.com'
        Start-Steps all $least
        Read-Claims | Should -Be 'IMAP.AccessAsApp'
        $tenant.Applications[0].RequiredResourceAccess.ResourceAccess.Count | Should -Be 1
        $tenant.RecipientPermissions.Mailbox | Should -Be $tenant.Mailboxes[1].Guid
        # The permission for IMAP can be that of another site.
        $tenant.MailboxPermissions.Count | Should -Be 2
        $null = Start-Good $least Entra
        $null = Start-Good $least Exchange @{ NoOtherSite = $true }
        $tenant.MailboxPermissions.Mailbox | Should -Be $tenant.Mailboxes[1].Guid
    }

    It 'leaves a mailbox FullAccess if another site may open it: <protocol>, <case>' -ForEach @(
        @{ Protocol = 'imap'; Case = 'before the way' }, @{ Protocol = 'pop3'; Case = 'a day before the end' }
    ) {
        New-ClassicTenant
        $least = Write-Script
        $other = Write-Script setup -Site b -Protocols $Protocol
        if ($Case -eq 'before the way') { foreach ($part in 'Entra', 'Exchange') { $null = Start-Good $other $part } }
        Start-Steps claim $least
        if ($Case -ne 'before the way') {
            foreach ($part in 'Entra', 'Exchange') { $null = Start-Good $other $part }
            Wait-Hours 25
            $null = Start-Good $least Entra
        }
        Wait-Hours 2.1
        Add-Message
        Wait-Hours 0.1
        (Start-Good $least Exchange).Output | Should -BeLike '*unchanged:     scanner@contoso.com: FullAccess*-NoOtherSite*'
        $tenant.MailboxPermissions.Count | Should -Be 2
        $tenant.RecipientPermissions | Should -BeNullOrEmpty
    }

    It 'leaves a mailbox its access if another of its addresses has IMAP' {
        $tenant.Mailboxes[1].EmailAddresses += 'alias@contoso.com'
        New-ClassicTenant
        Start-Steps all (Write-Script -KeepAccess 'alias@contoso.com')
        $tenant.MailboxPermissions.Mailbox | Should -Be $tenant.Mailboxes[1].Guid
    }

    It 'knows the application however Exchange Online prints it: <prints>, filters <filters>' -ForEach @(
        foreach ($prints in 'ObjectId', 'Guid', 'DisplayName') { foreach ($filters in $true, $false) { @{ Prints = $prints; Filters = $filters } } }
    ) {
        New-ClassicTenant
        $tenant.RecipientPermissions += [pscustomobject]@{ Mailbox = $tenant.Mailboxes[2].Guid; Trustee = 'S-1-5-21-somebody'; AccessRights = @('SendAs') }
        $tenant.FiltersPermissions = $Filters
        $property = $Prints
        $tenant.PrintsPrincipal = { param($one) "EURPR01A001\$($one.$property)" }
        Start-Steps all (Write-Script)
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
        $tenant.RecipientPermissions.Trustee | Should -Be 'S-1-5-21-somebody'
    }

    It 'takes back the step that removes the permission, and then begins again' {
        New-ClassicTenant
        $least = Write-Script
        $classic = @(Read-Claims)
        Start-Steps claim $least
        Set-Failure 'New-MgServicePrincipalAppRoleAssignment' -Times 1
        $null = Start-Bad $least Entra '*Service unavailable*' @{ Back = $true }
        $null = Start-Good $least Entra @{ Back = $true }
        Read-Claims | Should -Be $classic
        # Without a new test of the scope, nothing goes.
        Wait-Hours 5
        Add-Message
        $null = Start-Bad $least Entra '*older than a day*'
        $null = Start-Good $least Exchange
        $tenant.MailboxPermissions.Count | Should -Be 2
        $null = Start-Good $least Entra
        Wait-Hours 2.1
        $null = Start-Good $least Exchange @{ Checked = $true }
        $null = Start-Bad $least Entra '*Without FullAccess*-Classic*' @{ Back = $true }
    }

    It 'takes the step back after a removal that removed nothing: <cmdlet>' -ForEach @(@{ Cmdlet = 'Remove-RecipientPermission'; Back = $true }, @{ Cmdlet = 'Remove-MailboxPermission'; Back = $false }) {
        New-ClassicTenant
        $least = Write-Script
        $classic = @(Read-Claims)
        Start-Steps claim $least
        Wait-Hours 2.1
        Set-Failure $Cmdlet 'Throttled (429)'
        $null = Start-Bad $least Exchange '*Throttled*' @{ Checked = $true }
        # After SendAs is gone, FullAccess may not be enough.
        if (-not $Back) {
            $null = Start-Bad $least Entra '*Without FullAccess*-Classic*' @{ Back = $true }
            return
        }
        $null = Start-Good $least Entra @{ Back = $true }
        Read-Claims | Should -Be $classic
    }

    It 'continues with a mailbox that is added after the permission is gone, and does not take the step back without FullAccess' {
        New-ClassicTenant
        Start-Steps claim (Write-Script)
        $mailboxes = $mailboxes + 'new@contoso.com'
        Add-TenantMailbox 'new@contoso.com'
        $least = Write-Script
        (Start-Part (Write-Script setup) Exchange).Exit | Should -Be 0
        # As if somebody had given it the role alone.
        $added = ($tenant.Mailboxes | Where-Object { $_.PrimarySmtpAddress -eq 'new@contoso.com' }).Guid
        $tenant.MailboxPermissions = @($tenant.MailboxPermissions | Where-Object { $_.Mailbox -ne $added })
        $tenant.RecipientPermissions = @($tenant.RecipientPermissions | Where-Object { $_.Mailbox -ne $added })
        Wait-Hours 25
        $null = Start-Bad $least Exchange '*-Part Entra*'
        $null = Start-Good $least Entra
        $null = Start-Bad $least Entra '*Without FullAccess*-Classic*' @{ Back = $true }
        $null = Start-Good $least Exchange @{ Checked = $true }
    }

    It 'notices a permission that was granted again' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps claim $least
        $null = Start-Good (Write-Script setup) Entra @{ Classic = $true }
        Wait-Hours 25
        Add-Message
        $null = Start-Bad $least Exchange '*-Part Entra*older than a day*'
        $null = Start-Bad $least Entra '*granted SMTP.SendAsApp again*'
        $null = Start-Good $least Exchange
        $tenant.MailboxPermissions.Count | Should -Be 2
        # After FullAccess is gone, the permission has to go for devices to send.
        $null = Start-Good $least Entra
        Wait-Hours 2.1
        $null = Start-Good $least Exchange @{ Checked = $true }
        $null = Start-Part (Write-Script setup) Entra @{ Classic = $true }
        $null = Start-Good $least Entra
        Read-Claims | Should -BeNullOrEmpty
    }

    It 'leaves a tenant alone that went back to the old way at the end' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps all $least
        $setup = Write-Script setup
        $null = Start-Good $setup Exchange @{ Classic = $true }
        $null = Start-Good $setup Entra @{ Classic = $true }
        Add-Message
        Wait-Hours 1
        $before = Get-TenantState
        $null = Start-Bad $least Exchange '*-Part Entra*older than*'
        Get-TenantState | Should -Be $before
        # Nor does the permission go without a test of the role.
        Wait-Hours 25
        $null = Start-Bad $least Entra '*older than a day*'
        Get-TenantState | Should -Be $before
        # On request, the tenant takes the way again.
        $null = Start-Bad $least Exchange '*-Part Entra*older than*'
        $null = Start-Good $least Entra
        # The daemon may have a token with the permission that was granted again.
        $null = Start-Bad $least Exchange '*Too early: the daemon may still have a token*' @{ Checked = $true }
        Wait-Hours 2.1
        $null = Start-Good $least Exchange @{ Checked = $true }
        Read-Claims | Should -BeNullOrEmpty
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
    }

    It 'works in one tenant and for one application' {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Wait-Hours 3
        $before = Get-TenantState
        $null = Start-Bad $least Entra '*is for the application * in the tenant aaaaaaaa-*' @{ TenantId = 'bbbbbbbb-1111-2222-3333-444444444444' }
        $null = Start-Bad $least Entra '*is for the application*' @{ ApplicationId = 'f0000002-0000-0000-0000-000000000000' }
        $null = Start-Bad $least Entra "*Give -ApplicationId as*not 'b'*" @{ ApplicationId = 'b' }
        $null = Start-Bad $least Exchange '*Give -TenantId and -ApplicationId*' @{ TenantId = '' }
        $id = $tenant.Id
        $tenant.Id = 'bbbbbbbb-1111-2222-3333-444444444444'
        foreach ($part in 'Entra', 'Exchange') { $null = Start-Bad $least $part '*signed in to the tenant bbbbbbbb-*' @{ TenantId = $id } }
        $tenant.Id = $id
        $tenant.Applications[0].DisplayName = 'Payroll'
        $keys = $tenant.Applications[0].KeyCredentials
        $tenant.Applications[0].KeyCredentials = @()
        $null = Start-Bad $least Entra "*is called 'Payroll'*"
        $tenant.Applications[0].DisplayName = 'TLS Uplift'
        $tenant.Applications[0].KeyCredentials = $keys
        Get-TenantState | Should -Be $before
    }

    It 'names a damaged file with its remedy: <text>' -ForEach @(@{ Text = '{' }, @{ Text = '' }) {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps scope $least
        Set-Content (Join-Path $TestDrive 'a/tls-uplift-tenant-least.json') $Text
        foreach ($part in 'Exchange', 'Entra') { $null = Start-Bad $least $part '*tls-uplift-tenant-least.json cannot be read*Move the file away, or give -ProofFile*' }
    }

    It 'completes after an error: <cmdlet>' -ForEach @(
        'Connect-ExchangeOnline', 'Get-ServicePrincipal', 'Get-RecipientPermission', 'Get-Mailbox', 'Test-ServicePrincipalAuthorization', 'Connect-MgGraph', 'Get-MgApplication',
        'Get-MgServicePrincipal', 'Get-MgServicePrincipalAppRoleAssignment', 'Update-MgApplication', 'Remove-MgServicePrincipalAppRoleAssignment', 'Get-MessageTraceV2',
        'Get-MailboxPermission', 'Remove-RecipientPermission', 'Remove-MailboxPermission' | ForEach-Object { @{ Cmdlet = $_ } }
    ) {
        New-ClassicTenant
        $least = Write-Script
        Start-Steps role $least
        $failed = 0
        foreach ($part in 'Exchange', 'Entra', 'Exchange') {
            Wait-Hours 2.1
            Add-Message
            Wait-Hours 0.1
            # The first call of each step, and then the second one.
            foreach ($skip in 0, 1) {
                $global:tenantCalls = $skip
                Set-Failure $Cmdlet 'Service unavailable (503)' -Times 1 -When { $global:tenantCalls-- -le 0 }
                $run = Start-Part $least $part
                Assert-Sends
                if ($run.Exit -ne 0) {
                    $failed++
                    $run.Last | Should -BeLike 'FAILED.*'
                    $run.Output | Should -BeLike '*Service unavailable (503)*'
                }
                $tenant.Failures.Clear()
            }
            $null = Start-Good $least $part
        }
        $failed | Should -BeGreaterThan 0
        Read-Claims | Should -BeNullOrEmpty
        $tenant.MailboxPermissions | Should -BeNullOrEmpty
        $tenant.RecipientPermissions | Should -BeNullOrEmpty
    }

    It 'does nothing where the tenant has no role' {
        $tenant.Roles = @('Application Mail.Send')
        New-ClassicTenant
        $least = Write-Script
        (Start-Part (Write-Script setup) Exchange).Output | Should -BeLike "*no role 'Application SMTP.SendAsApp'*"
        $before = Get-TenantState
        $null = Start-Bad $least Exchange '*not in the scope*no such role, stay with the permission SMTP.SendAsApp*'
        Get-TenantState | Should -Be $before
    }
}
